extension BenchReport {
    /// The performance page: all reports, where they come from, and what may be compared with what.
    package static func page(_ reports: [BenchReport], facts: RunFacts) -> String {
        let bars = reports.flatMap { report in
            report.bars.map { bar in
                var row = BenchRow(("case", .text(report.name)))
                for cell in bar.row.cells { row.append(cell.name, cell.value) }
                return row
            }
        }
        return """
            # Performance

            Written by `meshmill bench` (\(facts.run)); not by hand.

            \(facts.place)

            Only ratios within one run mean anything: jobs a second of two runs, machines or days do not compare. A \
            baseline is measured in the same run, on the same server, with the same number of rows. Verdicts: `goal`, \
            `ok` for the bar that must hold, `missed`.

            \(table(bars))

            \(reports.map(\.markdown).joined(separator: "\n"))
            """
    }
}
