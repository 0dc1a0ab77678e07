import ArgumentParser
import MeshmillStore

/// The command `meshmill batches retry ID…`.
struct BatchesRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run failed and cancelled jobs of batches again, with fresh attempts."
    )

    @OptionGroup var options: BatchActionOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let (options, yes) = (options, yes)
        let exit = try await Installation.with { installation in
            try await options.act(
                .retry,
                in: installation,
                question: { "Run \($0) jobs again, at up to 1 credit each?" },
                isConfirmed: yes
            )
        }
        guard exit == .done else { throw exit }
    }
}
