import ArgumentParser

/// `meshmill settings`: what all processes of this installation go by.
struct SettingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "List and set what all processes of this installation go by.",
        subcommands: [SettingsListCommand.self, SettingsSetCommand.self]
    )
}
