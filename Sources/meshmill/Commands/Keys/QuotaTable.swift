import MeshmillStore
import MeshmillTerminal

/// Monthly limits before and after a change.
struct QuotaTable {
    let changes: [QuotaChange]
    let isDryRun: Bool

    init(_ changes: [QuotaChange], isDryRun: Bool) {
        self.changes = changes
        self.isDryRun = isDryRun
    }

    /// Writes a row for each key and their sum; warns of limits that have no effect.
    func write(json: Bool) throws {
        let auditID = isDryRun ? nil : changes.first.flatMap(\.auditID)
        if json {
            let keys = changes.map { change in
                JSONValue.object([
                    ("key", .string(change.key)), ("before", .optional(change.before)),
                    ("after", .optional(change.after)), ("taken", .int(change.taken)),
                    ("provider_limit", .optional(change.providerLimit)),
                ])
            }
            return try Output.line(JSONValue.object([("audit_id", .optional(auditID)), ("keys", .array(keys))]).text)
        }
        var table = Table([
            .init(heading: "key", cuts: true), .init(heading: "used", isNumber: true),
            .init(heading: "before", isNumber: true), .init(heading: "after", isNumber: true),
            .init(heading: "change", isNumber: true),
        ])
        for change in changes {
            let difference = (change.after ?? 0) - (change.before ?? 0)
            table.add([
                change.key, "\(change.taken)", change.before.map(String.init) ?? "none",
                change.after.map(String.init) ?? "none", difference > 0 ? "+\(difference)" : "\(difference)",
            ])
        }
        let sums = [changes.map(\.taken), changes.map { $0.before ?? 0 }, changes.map { $0.after ?? 0 }]
            .map { $0.reduce(0, +) }
        table.add(["sum", "\(sums[0])", "\(sums[1])", "\(sums[2])", "\(sums[2] - sums[1])"])
        try table.write()
        for change in changes {
            guard let limit = change.providerLimit, let after = change.after, after > limit else { continue }
            Messages.line(
                "\(OneLine.text(change.key)): the provider's limit is \(limit); what lies above has no effect"
            )
        }
        if isDryRun {
            Messages.line("nothing was changed")
        } else if let auditID {
            Messages.line("done; to take it back: meshmill undo \(auditID)")
        } else {
            Messages.line("nothing to change")
        }
    }
}
