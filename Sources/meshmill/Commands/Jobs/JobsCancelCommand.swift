import ArgumentParser
import MeshmillStore

/// The command `meshmill jobs cancel ID…`.
struct JobsCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel jobs that have not ended; credits already spent stay spent."
    )

    @OptionGroup var options: JobActionOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let (options, yes) = (options, yes)
        try await Installation.with { installation in
            try await options.act(
                .cancel,
                in: installation,
                question: "Cancel \(options.jobs.count) jobs? Credits already spent stay spent.",
                isConfirmed: yes
            )
        }
    }
}
