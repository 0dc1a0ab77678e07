import ArgumentParser
import MeshmillCore
import MeshmillStore
import PostgresClient

/// The command `meshmill jobs list`.
struct JobsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List jobs by id.")

    @Option(help: "Only this batch's.")
    var batch: Int64?

    @Option(help: "Only those with this status; may be given more than once.")
    var status: [JobState] = []

    @Option(help: "Only those with a higher id.")
    var after: Int64 = 0

    @Option(help: "List at most this many.")
    var limit = 100

    @Flag(help: "Write a JSON array.")
    var json = false

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let (limit, json) = (limit, json)
        let statuses = status.isEmpty ? nil : status.map(\.rawValue)
        let first = ListJobs(batchID: batch, statuses: statuses, after: after)
        try await Installation.with { installation in
            if let batch = first.batchID { try await installation.checkBatch(batch) }
            var page = first
            var left = limit
            if json { try Output.write("[") }
            var table = Self.emptyTable
            while left > 0 {
                page.limit = min(left, 1_000)
                let jobs = try await installation.client.query(page)
                for (index, job) in jobs.enumerated() {
                    if json {
                        try Output.write((left < limit || index > 0 ? ",\n" : "") + JSONValue.object(job.fields).text)
                    } else {
                        Self.add(job, to: &table)
                    }
                }
                left -= jobs.count
                guard jobs.count == page.limit, let last = jobs.last else { break }
                page.after = last.id
            }
            if json { return try Output.line("]") }
            guard left < limit else { return try Output.line("no jobs") }
            try table.write()
            if left == 0 { Messages.line("the first \(limit); more with --limit, or --after \(page.after)") }
        }
    }

    private static let emptyTable = Table([
        .init(heading: "job", isNumber: true), .init(heading: "status"), .init(heading: "batch", isNumber: true),
        .init(heading: "key", cuts: true), .init(heading: "posts", isNumber: true),
        .init(heading: "credits", isNumber: true), .init(heading: "source", cuts: true),
        .init(heading: "error", cuts: true),
    ])

    private static func add(_ job: JobOverview, to table: inout Table) {
        table.add([
            "\(job.id)", job.status, "\(job.batchID)", job.key ?? "", "\(job.attempts)", "\(job.credits)",
            job.source ?? "", job.error ?? job.errorCode ?? "",
        ])
    }
}
