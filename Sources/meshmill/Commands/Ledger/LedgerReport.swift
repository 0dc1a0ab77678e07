import MeshmillStore

/// Rows about credits, as a table, JSON or CSV.
struct LedgerReport {
    /// The columns of the table; each is the field of the same number.
    private let columns: [Table.Column]
    private let names: [String]
    private let rows: [[JSONValue]]
    private let emptyNotice: String

    /// Where the credits went.
    init(totals: [ReadLedgerTotals.Row], by subject: ReadLedgerTotals.Subject) {
        let detail: String? =
            switch subject {
            case .key: "org"
            case .batch: "out"
            case .tenant, .day: nil
            }
        let counts = ["spent", "charged", "refunded", "external", "adjusted", "posts"]
        names = [subject == .batch ? "batch_id" : subject.rawValue] + (detail.map { [$0] } ?? []) + counts
        columns =
            [Table.Column(heading: subject.rawValue, cuts: true)]
            + (detail.map { [Table.Column(heading: $0, cuts: true)] } ?? [])
            + counts.map { Table.Column(heading: $0, isNumber: true) }
        rows = totals.map { row in
            let name: JSONValue =
                subject == .batch ? .optional(row.subject.flatMap { Int64($0) }) : .optional(row.subject)
            return [name] + (detail == nil ? [] : [.optional(row.detail)])
                + [row.spent, row.charged, row.refunded, row.external, row.adjusted, row.posts].map {
                    JSONValue.int($0)
                }
        }
        emptyNotice = "no credits moved in that time"
    }

    /// Our books beside the provider's.
    init(drift: [ListCreditDrift.Row]) {
        let names = [
            "scope", "org", "key", "ours", "provider", "doubtful", "external", "gap", "unbooked", "since",
            "observed_at", "advice",
        ]
        self.names = names
        let numbers = 3...8
        columns = names.indices.map { index in
            Table.Column(
                heading: names[index].replacing("_", with: " "),
                isNumber: numbers.contains(index),
                cuts: index > 0 && !numbers.contains(index)
            )
        }
        rows = drift.map { row in
            [
                .string(row.scope), .string(row.org), .optional(row.key), .optional(row.ours), .optional(row.provider),
                .int(row.doubtful), .int(row.external), .optional(row.gap), .int(row.unbooked), .time(row.since),
                .time(row.observedAt), .optional(row.advice),
            ]
        }
        emptyNotice = "the provider has not reported any numbers yet"
    }

    /// Writes it to standard output.
    func write(json: Bool, csv: Bool) throws {
        if json {
            let objects = rows.map { JSONValue.object(Array(zip(names, $0))) }
            return try Output.line(JSONValue.array(objects).text)
        }
        if csv {
            return try Output.write(CSV.line(names.map { .string($0) }) + rows.map(CSV.line).joined())
        }
        guard !rows.isEmpty else { return try Output.line(emptyNotice) }
        var table = Table(columns)
        for row in rows { table.add(row.map(Self.text)) }
        try table.write()
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .string(let text): text
        default: value.text
        }
    }
}
