import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs hold ID…`.
struct JobsHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keep queued and scheduled jobs from running until they are released."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.hold, in: $0) }
    }
}
