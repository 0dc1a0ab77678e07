import ArgumentParser
import MeshmillStore
import MeshmillTerminal

/// The command `meshmill keys remove NAME…`.
struct KeysRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take keys out of use for good; their history stays.",
        discussion: "Generations under way are brought home. Importing the secret again brings the key back."
    )

    @OptionGroup var options: KeyActionOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let options = options
        if !options.isDryRun {
            try Confirmation.beforeLoss("Remove \(Phrase.count(options.names.count, "key"))?", isConfirmed: yes)
        }
        try await Installation.with { try await options.act(.remove, in: $0) }
    }
}
