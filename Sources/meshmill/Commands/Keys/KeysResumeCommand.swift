import ArgumentParser
import MeshmillStore

/// The command `meshmill keys resume NAME…`.
struct KeysResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Use paused, draining, parked or disabled keys again."
    )

    @OptionGroup var options: KeyActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.set(.resume), in: $0) }
    }
}
