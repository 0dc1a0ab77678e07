import ArgumentParser

/// The command `meshmill jobs export --batch ID`.
struct JobsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a batch's jobs as JSON Lines.",
        discussion: "One line a job, in the order of the outputs; attempts counts POSTs. Paths are absolute."
    )

    @Option(help: "The batch's id.")
    var batch: Int64

    func run() async throws {
        let batch = batch
        try await Installation.with { try await JobExport(installation: $0, batchID: batch).run() }
    }
}
