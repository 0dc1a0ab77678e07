import MeshmillBench

extension BenchReport {
    /// Writes it to standard output.
    func write(json: Bool) throws {
        guard !json else { return try Output.line(JSONValue.object(fields).text) }
        try Output.line(name.uppercased())
        for rows in [bars.map(\.row), results, baseline] where !rows.isEmpty {
            let columns = Self.columns(of: rows)
            var table = Table(columns.map { Table.Column(heading: $0) })
            for row in rows { table.add(columns.map { row[$0]?.shown ?? "" }) }
            try table.write()
            try Output.line("")
        }
    }

    private var fields: [(String, JSONValue)] {
        [
            ("case", .string(name)), ("settings", .object(settings.fields)),
            ("results", .array(results.map { .object($0.fields) })),
            ("baseline", .array(baseline.map { .object($0.fields) })),
            (
                "bars",
                .array(
                    bars.map { bar in
                        .object([
                            ("figure", .string(bar.name)), ("seen", .double(bar.value)), ("must", .double(bar.must)),
                            ("goal", bar.goal.map { .double($0) } ?? .null), ("verdict", .string(bar.verdict)),
                        ])
                    }
                )
            ),
        ]
    }
}

extension BenchRow {
    fileprivate var fields: [(String, JSONValue)] {
        cells.map { cell in
            switch cell.value {
            case .text(let text): (cell.name, .string(text))
            case .whole(let number): (cell.name, .int(number))
            case .number(let number): (cell.name, .double(number))
            }
        }
    }
}
