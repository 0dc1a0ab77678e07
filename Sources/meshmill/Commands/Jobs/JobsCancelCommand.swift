import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs cancel`, for ids or for what a filter matches.
struct JobsCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel jobs that have not ended; credits already spent stay spent."
    )

    @OptionGroup var options: JobActionOptions

    func run() async throws {
        let options = options
        let exit = try await Installation.with { installation in
            try await options.run(
                .action(.cancel, reason: options.reason),
                in: installation,
                question: { "Cancel \($0) jobs? Credits already spent stay spent." }
            )
        }
        guard exit == .done else { throw exit }
    }
}
