import ArgumentParser

/// `meshmill keys`: the provider's keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Add, list and change the provider's keys.",
        subcommands: [
            KeysAddCommand.self, KeysImportCommand.self, KeysListCommand.self, KeysShowCommand.self,
            KeysSetCommand.self, KeysPauseCommand.self, KeysQuarantineCommand.self, KeysResumeCommand.self,
            KeysDrainCommand.self, KeysRemoveCommand.self, KeysMoveQuotaCommand.self, KeysRebalanceCommand.self,
            KeysRotateCommand.self, KeysRewrapCommand.self,
        ]
    )
}
