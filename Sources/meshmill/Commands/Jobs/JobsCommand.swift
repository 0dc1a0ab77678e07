import ArgumentParser

/// `meshmill jobs`: one image each, to become one GLB.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List, export and act on jobs.",
        subcommands: [
            JobsListCommand.self, JobsShowCommand.self, JobsWaitCommand.self, JobsExportCommand.self,
            JobsWhyCommand.self, JobsRetryCommand.self, JobsCancelCommand.self, JobsHoldCommand.self,
            JobsReleaseCommand.self, JobsSetCommand.self,
        ]
    )
}
