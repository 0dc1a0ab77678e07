import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// The command `meshmill keys quarantine NAME… | --all`.
struct KeysQuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Send nothing with these keys for one window.",
        discussion: """
            For keys that others may have used in ways that Meshmill does not know, as after a restore from a backup. \
            Generations under way go on.
            """
    )

    @Argument(help: "Names of keys.")
    var names: [String] = []

    @Flag(help: "All keys.")
    var all = false

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only say which keys would wait.")
    var isDryRun = false

    func validate() throws {
        guard names.isEmpty == all else { throw ValidationError("give either names of keys or --all") }
    }

    func run() async throws {
        let (names, all, reason, isDryRun) = (names, all, reason, isDryRun)
        try await Installation.with { installation in
            for name in names where try await installation.client.query(ListKeys(name: name)).isEmpty {
                throw KeyError.unknownKey(name)
            }
            if isDryRun {
                let keys = all ? try await installation.client.query(ListKeys(limit: ListKeys.all)).map(\.name) : names
                for name in keys { try Output.line("would quarantine \(OneLine.text(name))") }
                return
            }
            let wanted: [String?] = all ? [nil] : Set(names).sorted()
            let count = try await installation.act { connection in
                var count = 0
                for name in wanted {
                    count += try await connection.query(QuarantineKeys(name: name, reason: reason)).first ?? 0
                }
                return count
            }
            guard !all else { return try Output.line("\(Phrase.count(count, "key")) in quarantine for one window") }
            for name in wanted {
                guard let key = try await installation.client.query(ListKeys(name: name)).first else { continue }
                let until = key.blockedUntil.map { ", next post \($0.ahead(of: key.now))" } ?? ""
                try Output.line("\(OneLine.text(key.name)) is in quarantine\(until)")
            }
        }
    }
}
