import ArgumentParser

/// The command `meshmill batches hold ID…`.
struct BatchesHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Submit no more jobs of batches; what is in flight goes on."
    )

    @OptionGroup var options: BatchActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.setPaused(true, in: $0) }
    }
}
