import ArgumentParser
import MeshmillStore

/// The command `meshmill keys drain NAME…`.
struct KeysDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let keys run dry before they are removed: no new POST."
    )

    @OptionGroup var options: KeyActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.set(.drain), in: $0) }
    }
}
