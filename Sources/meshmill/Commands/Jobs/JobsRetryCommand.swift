import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs retry`, for ids or for what a filter matches.
struct JobsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run failed, cancelled and held jobs again, with fresh attempts."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        let exit = try await Installation.with { installation in
            try await options.run(
                .action(.retry, reason: options.reason),
                in: installation,
                question: options.jobs.isEmpty ? { "Run \($0) jobs again, at up to 1 credit each?" } : nil
            )
        }
        guard exit == .done else { throw exit }
    }
}
