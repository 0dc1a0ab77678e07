import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs release ID…`.
struct JobsReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Queue held jobs, with fresh attempts."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.release, in: $0) }
    }
}
