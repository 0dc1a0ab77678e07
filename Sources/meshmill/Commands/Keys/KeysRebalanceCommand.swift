import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill keys rebalance --org ORG`.
struct KeysRebalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebalance",
        abstract: "Share the monthly limits of an account's keys out anew.",
        discussion: """
            even: equal limits. remaining: an equal rest for each, on top of what it has used. demand: the rest by what \
            waits for each key's pool. To the last credit, never below what is used or reserved, in one transaction; \
            meshmill undo takes it back.
            """
    )

    @Option(help: "The account whose keys share.")
    var org: String

    @Option(help: "even, demand or remaining.")
    var strategy: RebalanceStrategy = .even

    @Option(help: "Credits a month to share out. (default: the sum of the limits)")
    var total: Int64?

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only show what would change.")
    var isDryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Write a JSON object: {audit_id, keys: [{key, before, after, taken, provider_limit}]}.")
    var json = false

    func run() async throws {
        let (isDryRun, json, yes) = (isDryRun, json, yes)
        let statement = Rebalance(org: org, strategy: strategy, total: total, reason: reason)
        try await Installation.with { installation in
            let client = installation.client
            let preview = try await client.query(PreviewRebalance(statement))
            if isDryRun { return try QuotaTable(preview, isDryRun: true).write(json: json) }
            let touched = preview.count { $0.before != $0.after }
            if touched > 0, !yes, Terminal.canAsk {
                try QuotaTable(preview, isDryRun: true).write(json: false)
            }
            if touched > 0 {
                try Confirmation.beforeLoss("Change the monthly limits of \(touched) keys?", isConfirmed: yes)
            }
            let changes = try await installation.act { try await $0.query(statement) }
            try QuotaTable(changes, isDryRun: false).write(json: json)
        }
    }
}

extension RebalanceStrategy: ExpressibleByArgument {}
