import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill jobs show ID`.
struct JobsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one job.")

    @Argument(help: "The job's id.")
    var job: Int64

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let (job, json) = (job, json)
        try await Installation.with { installation in
            guard let overview = try await installation.client.query(ListJobs(ids: [job], limit: 1)).first else {
                throw Failure.noJob(job)
            }
            try Output.record(overview.fields, json: json)
        }
    }
}
