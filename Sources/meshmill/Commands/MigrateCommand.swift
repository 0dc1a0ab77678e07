import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill migrate`: brings the database's schema to what this version needs.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema to what this version needs.",
        discussion: "Safe to run at any time and by several processes at once. Needs no superuser."
    )

    @Flag(help: "Write a JSON object: {applied: [name]}.")
    var json = false

    @Flag(name: .customLong("dry-run"), help: "Only say what would be applied.")
    var isDryRun = false

    func run() async throws {
        let (json, isDryRun) = (json, isDryRun)
        try await Installation.with(checksSchema: false) { installation in
            let migrator = Migrator(installation.client)
            let names = isDryRun ? try await Self.missing(migrator) : try await migrator.migrate()
            let roles = isDryRun ? [] : try await installation.client.query(ListMissingRoles())
            if !roles.isEmpty {
                Messages.line(
                    "may not make the roles \(roles.joined(separator: ", ")); everything stays with this user. To share the "
                        + "database with others, let an administrator create them, and migrate again after an update"
                )
            }
            if json {
                try Output.line(JSONValue.object([("applied", .array(names.map(JSONValue.string)))]).text)
            } else if names.isEmpty {
                try Output.line("nothing to do: the schema is current")
            } else {
                for name in names { try Output.line(isDryRun ? "would apply \(name)" : "applied \(name)") }
            }
        }
    }

    private static func missing(_ migrator: Migrator) async throws -> [String] {
        switch try await migrator.state() {
        case .current: []
        case .behind(let missing): missing
        case .empty, .foreign: Migration.embedded.map(\.name) + [Routines.name]
        }
    }
}
