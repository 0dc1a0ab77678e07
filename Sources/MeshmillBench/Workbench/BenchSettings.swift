/// What whoever measures may choose; `nil` is the case's own size.
package struct BenchSettings: Sendable {
    package var scale: BenchScale = .full
    package var jobs: Int?
    package var keys: Int?
    package var workers: Int?
    /// Length of a measured stretch.
    package var seconds: Int?
    /// A server to make the scratch database on; `nil` makes a server as well.
    package var databaseURL: String?
    /// The built program, for cases that start it.
    package var program: String
    /// Told what goes on, for people who wait.
    package var progress: @Sendable (String) -> Void = { _ in }

    package init(program: String) {
        self.program = program
    }

    /// The sizes in words: `quick sizes`, or `full sizes but 8 workers, 30 seconds`.
    var sizes: String {
        let numbers = [("jobs", jobs), ("keys", keys), ("workers", workers), ("seconds", seconds)]
        let chosen = numbers.compactMap { name, number in number.map { "\(BenchValue.whole($0).shown) \(name)" } }
        return scale.pick(full: "full", quick: "quick", tiny: "tiny") + " sizes"
            + (chosen.isEmpty ? "" : " but " + chosen.joined(separator: ", "))
    }
}
