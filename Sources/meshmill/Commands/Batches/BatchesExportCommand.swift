import ArgumentParser

/// The command `meshmill batches export ID`.
struct BatchesExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a batch's jobs as JSON Lines, like jobs export --batch ID."
    )

    @Argument(help: "The batch's id.")
    var batch: Int64

    func run() async throws {
        let batch = batch
        try await Installation.with { try await JobExport(installation: $0, batchID: batch).run() }
    }
}
