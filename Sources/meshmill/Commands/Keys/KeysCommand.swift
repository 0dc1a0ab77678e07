import ArgumentParser

/// `meshmill keys`: the provider's keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Add, list and change the provider's keys.",
        subcommands: [KeysImportCommand.self]
    )
}
