/// What came of a scenario.
package struct FairnessResult: Sendable, Codable {
    package var name: String
    package var freeing: Int
    package var claimers: Int
    /// Slots that each tenant received.
    package var served: [Int]
    /// The largest difference between two tenants with work, in slots of the lighter one.
    package var error: Double
    package var bound: Double

    package var isFair: Bool { error <= bound + 1e-9 }

    /// Results as a table in Markdown.
    package static func table(_ results: [FairnessResult]) -> String {
        let head = [
            "| scenario | slots free at once | claimers | slots | served | largest error | bound |",
            "|---|---|---|---|---|---|---|",
        ]
        let rows = results.map { result in
            let shown = result.served.prefix(4).map(String.init).joined(separator: ":")
            let cells = [
                result.name, "\(result.freeing)", "\(result.claimers)", "\(result.served.reduce(0, +))",
                result.served.count > 4 ? shown + ":…" : shown, hundredths(result.error), hundredths(result.bound),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return (head + rows).joined(separator: "\n")
    }

    private static func hundredths(_ value: Double) -> String {
        let whole = Int((value * 100).rounded())
        return "\(whole / 100)." + (whole % 100 < 10 ? "0" : "") + "\(whole % 100)"
    }
}
