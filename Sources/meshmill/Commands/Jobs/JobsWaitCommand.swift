import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill jobs wait ID…`.
struct JobsWaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended.",
        discussion: "Exit 0 if all were completed or cancelled, 1 if some failed or are held, 75 at the timeout."
    )

    @Argument(help: "Ids of jobs.")
    var jobs: [Int64]

    @Option(help: "How long to wait, such as 2h. (default: as long as it takes)")
    var timeout: LengthOfTime?

    @Flag(help: "Write the jobs as a JSON array.")
    var json = false

    func run() async throws {
        let (ids, timeout, json) = (jobs, timeout, json)
        let exit = try await Installation.with { installation -> Exit in
            let deadline = timeout.map { ContinuousClock.now.advanced(by: $0.duration) }
            while true {
                let jobs = try await installation.client.query(ListJobs(ids: ids, limit: ids.count))
                let found = Set(jobs.map(\.id))
                if let missing = ids.first(where: { !found.contains($0) }) { throw Failure.noJob(missing) }
                guard jobs.contains(where: { !$0.hasEnded }) else {
                    if json {
                        try Output.line(JSONValue.array(jobs.map { .object($0.fields) }).text)
                    } else {
                        for job in jobs { try Output.line("job \(job.id) is \(job.status)") }
                    }
                    return jobs.contains { $0.status == "failed" || $0.status == "held" } ? .jobsFailed : .done
                }
                if let deadline, ContinuousClock.now >= deadline {
                    throw Failure(.interrupted, "not all of the jobs have ended yet; wait again to go on")
                }
                try await Task.sleep(for: BatchWait.interval)
            }
        }
        guard exit == .done else { throw exit }
    }
}

extension JobOverview {
    /// Whether nothing more happens to it unless a person acts.
    fileprivate var hasEnded: Bool { ["completed", "failed", "cancelled", "held"].contains(status) }
}
