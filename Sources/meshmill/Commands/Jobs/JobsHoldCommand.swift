import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs hold`, for ids or for what a filter matches.
struct JobsHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keep queued and scheduled jobs from running until they are released."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        let exit = try await Installation.with { installation in
            try await options.run(.action(.hold, reason: options.reason), in: installation)
        }
        guard exit == .done else { throw exit }
    }
}
