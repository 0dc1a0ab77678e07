import ArgumentParser
import MeshmillCore
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// `meshmill keys set NAME`: changes a key's settings; its slots are rebuilt in the same transaction.
struct KeysSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a key's settings.",
        discussion: "What is not given stays. A changed limit or window takes effect at once, without a 429."
    )

    @Argument(help: "The key's name.")
    var name: String

    @Option(name: .customLong("name"), help: "A new name.")
    var newName: String?

    @OptionGroup var settings: KeySettingOptions

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func validate() throws {
        if let newName, !KeyLimits.isName(newName) {
            throw ValidationError("--name is empty, too long, or not visible")
        }
        guard !settings.changes(name: newName).isEmpty else { throw ValidationError("nothing is to be changed") }
    }

    func run() async throws {
        let (name, newName, reason) = (name, newName, reason)
        let changes = settings.changes(name: newName)
        try await Installation.with { installation in
            var changes = changes
            if let window = changes.rateWindow {
                changes.margin = try await installation.margin() ?? Margin.standard(forWindow: window)
            }
            let statement = try ChangeKey(name: name, changes, reason: reason)
            do {
                _ = try await installation.act { try await $0.query(statement) }
            } catch let error as PostgresError where error.constraint == "keys_name" {
                throw KeyError.nameTaken(newName ?? name)
            } catch let error as PostgresError where error.constraint == "reserve_below_limit" {
                throw KeyError.reserveNotBelowLimit
            }
            try Output.line("\(OneLine.text(newName ?? name)) changed")
        }
    }
}
