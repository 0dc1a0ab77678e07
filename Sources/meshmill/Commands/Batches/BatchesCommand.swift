import ArgumentParser

/// `meshmill batches`: what was submitted, by output folder.
struct BatchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches",
        abstract: "List, wait for, and act on batches: what a tenant wants in one output folder.",
        subcommands: [
            BatchesListCommand.self, BatchesShowCommand.self, BatchesWaitCommand.self, BatchesExportCommand.self,
            BatchesRetryCommand.self, BatchesCancelCommand.self, BatchesHoldCommand.self, BatchesReleaseCommand.self,
        ]
    )
}
