import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs retry ID…`.
struct JobsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run failed, cancelled and held jobs again, with fresh attempts."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.retry, in: $0) }
    }
}
