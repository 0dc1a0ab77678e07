import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill log`: who did what, newest first.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "List who did what, newest first.",
        discussion: "Everything that people changed, by command or in SQL, with the reason they gave."
    )

    @Option(help: "Only what was done to this: a key's name, 'tenant NAME', 'batch ID', 'job ID'.")
    var subject: String?

    @Option(help: "List at most this many.")
    var limit = 50

    @Flag(help: "Write a JSON array, with what was so before and after.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is not within 1 to 10000") }
    }

    func run() async throws {
        let (json, statement) = (json, ListAuditLog(subject: subject, limit: limit))
        try await Installation.with { installation in
            let entries = try await installation.client.query(statement)
            if json { return try Output.line(JSONValue.array(entries.map { .object($0.fields) }).text) }
            guard !entries.isEmpty else { return try Output.line("nobody did anything") }
            var table = Table([
                .init(heading: "id", isNumber: true), .init(heading: "when"), .init(heading: "who", cuts: true),
                .init(heading: "did"), .init(heading: "to", cuts: true), .init(heading: "reason", cuts: true),
            ])
            for entry in entries {
                table.add([
                    "\(entry.id)", entry.at.short, entry.actor,
                    entry.undoes.map { "undo of \($0)" } ?? entry.what, entry.subject, entry.reason ?? "",
                ])
            }
            try table.write()
        }
    }
}

extension ListAuditLog.Row {
    /// The fields that programs read.
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("audit_id", .int(id)), ("at", .time(at)), ("who", .string(who)), ("actor", .string(actor)),
            ("what", .string(what)), ("subject", .string(subject)), ("before", .json(before)), ("after", .json(after)),
            ("reason", .optional(reason)), ("undoes", .optional(undoes)),
        ]
    }
}
