import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill undo ID`: takes back what an entry of the audit log did.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take back a change of quotas, a key, a tenant, an account or a pool.",
        discussion: """
            Refused where it was changed since; quotas go back by their difference, so that later moves stay. \
            meshmill log shows the ids. Undo the undo to do it again.
            """
    )

    @Argument(help: "The id of the entry.")
    var entry: Int64

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let statement = Undo(auditID: entry, reason: reason)
        try await Installation.with { installation in
            let id = try await installation.act { try await $0.query(statement).first ?? 0 }
            try Output.line("\(statement.auditID) taken back, by \(id)")
        }
    }
}
