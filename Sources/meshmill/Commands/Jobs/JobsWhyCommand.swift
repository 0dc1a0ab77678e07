import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// The command `meshmill jobs why ID`: what a job waits for and until when, in a sentence.
struct JobsWhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say what a job waits for, and until when.",
        discussion: "The same as SELECT ops.why(ID); of many jobs see ops.why_waiting and ops.waiting."
    )

    @Argument(help: "The job's id.")
    var job: Int64

    @Flag(help: "Write a JSON object: {job_id, status, waits, reason, until, detail, text}.")
    var json = false

    func run() async throws {
        let (job, json) = (job, json)
        try await Installation.with { installation in
            let client = installation.client
            guard let text = try await client.query(ExplainJob(jobID: job)).first.flatMap(\.self),
                let overview = try await client.query(ListJobs(ids: [job], limit: 1)).first
            else { throw Failure.noJob(job) }
            guard json else { return try Output.line(OneLine.text(text)) }
            let why = try await client.query(WhyWaiting(jobID: job)).first
            let fields: [(String, JSONValue)] = [
                ("job_id", .int(job)), ("status", .string(why?.status ?? overview.status)),
                ("waits", .bool(why != nil)), ("batch_id", .int(overview.batchID)),
                ("tenant", .string(overview.tenant)), ("pool", .optional(why?.pool)),
                ("reason", .optional(why?.reason)), ("until", .time(why?.until)), ("detail", .optional(why?.detail)),
                ("text", .string(text)),
            ]
            try Output.line(JSONValue.object(fields).text)
        }
    }
}
