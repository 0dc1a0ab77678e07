import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs release`, for ids or for what a filter matches.
struct JobsReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Queue held jobs, with fresh attempts."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        let exit = try await Installation.with { installation in
            try await options.run(.action(.release, reason: options.reason), in: installation)
        }
        guard exit == .done else { throw exit }
    }
}
