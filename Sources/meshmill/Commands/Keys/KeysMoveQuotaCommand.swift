import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// The command `meshmill keys move-quota FROM TO N`.
struct KeysMoveQuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move-quota",
        abstract: "Move credits of the monthly limit from one key to another.",
        discussion: "Acts on the next POST. Never below what is used or reserved; meshmill undo takes it back."
    )

    @Argument(help: "The key that gives.")
    var from: String

    @Argument(help: "The key that gets.")
    var to: String

    @Argument(help: "How many credits a month.")
    var credits: Int64

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only show what would change.")
    var isDryRun = false

    @Flag(help: "Write a JSON object: {audit_id, keys: [{key, before, after, taken, provider_limit}]}.")
    var json = false

    func run() async throws {
        let (isDryRun, json) = (isDryRun, json)
        let statement = MoveQuota(from: from, to: to, credits: credits, reason: reason)
        try await Installation.with { installation in
            let changes = try await installation.act(keeping: !isDryRun) { try await $0.query(statement) }
            try QuotaTable(changes, isDryRun: isDryRun).write(json: json)
        }
    }
}
