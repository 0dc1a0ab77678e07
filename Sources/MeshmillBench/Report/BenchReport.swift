/// What one case measured, and what was measured beside it in the same run.
package struct BenchReport: Sendable {
    /// The case's name.
    package var name: String
    /// One sentence: what was done.
    package var summary: String
    package var settings: BenchRow
    package var results: [BenchRow]
    package var baseline: [BenchRow]
    package var bars: [BenchBar]

    package init(
        name: String,
        summary: String,
        settings: BenchRow,
        results: [BenchRow],
        baseline: [BenchRow] = [],
        bars: [BenchBar]
    ) {
        self.name = name
        self.summary = summary
        self.settings = settings
        self.results = results
        self.baseline = baseline
        self.bars = bars
    }

    /// A section of the performance page.
    package var markdown: String {
        var parts = ["## \(name)", summary]
        let list = settings.cells.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", ")
        if !list.isEmpty { parts.append("Settings: \(list).") }
        if !bars.isEmpty { parts.append(Self.table(bars.map(\.row))) }
        if !results.isEmpty { parts.append(Self.table(results)) }
        if !baseline.isEmpty { parts.append("Baseline, in the same run:\n\n" + Self.table(baseline)) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// The columns of rows that may differ, in the order in which they first come.
    package static func columns(of rows: [BenchRow]) -> [String] {
        var names: [String] = []
        for row in rows {
            for cell in row.cells where !names.contains(cell.name) { names.append(cell.name) }
        }
        return names
    }

    static func table(_ rows: [BenchRow]) -> String {
        let columns = columns(of: rows)
        let lines = rows.map { row in
            "| " + columns.map { row[$0]?.shown ?? "" }.joined(separator: " | ") + " |"
        }
        return (["| " + columns.joined(separator: " | ") + " |", "|" + columns.map { _ in "---|" }.joined()] + lines)
            .joined(separator: "\n")
    }
}
