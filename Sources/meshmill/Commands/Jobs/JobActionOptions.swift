import ArgumentParser
import MeshmillStore
import PostgresClient

/// What acting on jobs shares: ids, a reason, and whether to ask.
struct JobActionOptions: ParsableArguments {
    @Argument(help: "Ids of jobs.")
    var jobs: [Int64]

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only say how many jobs it would touch.")
    var isDryRun = false

    /// Acts on those of the jobs that it applies to, in one transaction, and says how many those were.
    func act(
        _ action: JobAction,
        in installation: Installation,
        question: String? = nil,
        isConfirmed: Bool = true
    )
        async throws
    {
        let ids = Set(jobs).sorted()
        let rows = try await installation.client.query(ListJobs(ids: ids, limit: ids.count))
        if let missing = Set(ids).subtracting(rows.map(\.id)).min() { throw Failure.noJob(missing) }
        // A held job may be retried as well as released.
        let statuses = action == .retry ? action.statuses.union(["held"]) : action.statuses
        let count = rows.count { statuses.contains($0.status) }
        if isDryRun { return try Output.line("would \(action.rawValue) \(count) jobs") }
        if let question, count > 0 { try Confirmation.beforeLoss(question, isConfirmed: isConfirmed) }
        let statement = ActOnJobs(action, jobIDs: ids, reason: reason)
        let done = try await installation.act { try await $0.query(statement).first ?? 0 }
        try Output.line("\(done) jobs \(action.done)")
        for row in rows where !statuses.contains(row.status) {
            Messages.line("job \(row.id) is \(row.status): not \(action.done)")
        }
    }
}
