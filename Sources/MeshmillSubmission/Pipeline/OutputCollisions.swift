/// Sources whose meshes would share one name.
package struct OutputCollisions: Sendable, Equatable, CustomStringConvertible {
    /// Two sources and the output that both would write.
    package struct Pair: Sendable, Hashable {
        /// The source that came first, as the user would name it; for a row `manifest.csv:17 (chairs/red.png)`.
        package let first: String
        /// The source that came later.
        package let second: String
        /// The later one's output, below the batch's output folder.
        package let output: String
    }

    /// Pairs that are listed; beyond that they are only counted.
    package static let maximumListed = 20

    /// The first ``maximumListed`` pairs, in the order of the sources.
    package internal(set) var pairs: [Pair] = []
    /// How many there are.
    package internal(set) var count = 0

    mutating func add(_ pair: Pair) {
        count += 1
        if pairs.count < Self.maximumListed { pairs.append(pair) }
    }

    /// A line that says what to do, then a line for each pair.
    package var description: String {
        var lines = [
            "\(count) \(count == 1 ? "source has" : "sources have") the same output as another; nothing was queued."
                + " Rename them, use another --out, or give each an `out` in a manifest:"
        ]
        lines += pairs.map { pair in
            "  \(Printable.name(pair.first)) and \(Printable.name(pair.second)) → \(Printable.name(pair.output))"
        }
        if count > pairs.count { lines.append("  and \(count - pairs.count) more") }
        return lines.joined(separator: "\n")
    }
}
