import ArgumentParser
import MeshmillStore

/// The command `meshmill batches cancel ID…`.
struct BatchesCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel the jobs of batches that have not ended."
    )

    @OptionGroup var options: BatchActionOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let (options, yes) = (options, yes)
        let exit = try await Installation.with { installation in
            try await options.act(
                .cancel,
                in: installation,
                question: { "Cancel \($0) jobs? Credits already spent stay spent." },
                isConfirmed: yes
            )
        }
        guard exit == .done else { throw exit }
    }
}
