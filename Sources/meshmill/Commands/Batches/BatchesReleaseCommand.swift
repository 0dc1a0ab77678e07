import ArgumentParser
import MeshmillStore

/// The command `meshmill batches release ID…`.
struct BatchesReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Go on with batches that are held, and queue their held jobs."
    )

    @OptionGroup var options: BatchActionOptions

    func run() async throws {
        let options = options
        let exit = try await Installation.with { installation in
            try await options.setPaused(false, in: installation)
            return try await options.act(.release, in: installation)
        }
        guard exit == .done else { throw exit }
    }
}
