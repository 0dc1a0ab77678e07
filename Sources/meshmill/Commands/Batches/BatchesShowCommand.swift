import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill batches show ID`.
struct BatchesShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one batch.")

    @Argument(help: "The batch's id.")
    var batch: Int64

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let (batch, json) = (batch, json)
        try await Installation.with { installation in
            guard let overview = try await installation.client.query(ListBatches(id: batch)).first else {
                throw Failure.noBatch(batch)
            }
            try Output.record(overview.fields, json: json)
        }
    }
}
