import ArgumentParser
import MeshmillStore

/// The command `meshmill keys pause NAME…`.
struct KeysPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Send no new POST with these keys; generations under way go on."
    )

    @OptionGroup var options: KeyActionOptions

    @Option(name: .customLong("for"), help: "How long, such as 2h. (default: until resumed)")
    var length: LengthOfTime?

    func validate() throws {
        guard length.map({ $0.duration > .zero }) ?? true else { throw ValidationError("--for is no time at all") }
    }

    func run() async throws {
        let (options, length) = (options, length)
        try await Installation.with { try await options.act(.set(.pause), for: length?.duration, in: $0) }
    }
}
