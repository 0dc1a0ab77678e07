import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill batches wait ID`.
struct BatchesWaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until every job of a batch has ended.",
        discussion: "Exit 0 if all were completed or cancelled, 1 if some failed or are held, 75 at the timeout."
    )

    @Argument(help: "The batch's id.")
    var batch: Int64

    @Option(help: "How long to wait, such as 2h. (default: as long as it takes)")
    var timeout: LengthOfTime?

    @Flag(help: "Write the final counts as a JSON object.")
    var json = false

    func run() async throws {
        let (batch, timeout, json) = (batch, timeout, json)
        let exit = try await Installation.with { installation in
            try await installation.checkBatch(batch)
            let wait = BatchWait(client: installation.client, batchID: batch)
            let counts = try await wait.run(timeout: timeout?.duration) { counts in
                if !json { Messages.line(counts.summary) }
            }
            let fields = counts.map { ($0.status, JSONValue.int($0.jobs)) }
            try Output.line(
                json
                    ? JSONValue.object([("batch_id", .int(batch)), ("jobs", .object(fields))]).text : counts.summary
            )
            return counts.exit
        }
        guard exit == .done else { throw exit }
    }
}
