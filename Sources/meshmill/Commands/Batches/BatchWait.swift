import MeshmillStore
import PostgresClient

/// Waits until every job of a batch has ended.
struct BatchWait {
    /// How often the batch is looked at.
    static let interval: Duration = .seconds(1)

    let client: PostgresClient
    let batchID: Int64

    /// Jobs by status.
    typealias Counts = [CountBatchJobs.Row]

    /// Looks until nothing is left to run, or until the time is over.
    ///
    /// - Parameters:
    ///   - timeout: how long; nil for as long as it takes.
    ///   - onChange: called with the counts each time they changed.
    /// - Returns: the counts at the end.
    /// - Throws: ``Failure`` with exit 75 when the time was over; `PostgresError`; `CancellationError`.
    func run(timeout: Duration?, onChange: (Counts) -> Void) async throws -> Counts {
        let deadline = timeout.map { ContinuousClock.now.advanced(by: $0) }
        var last: Counts = []
        while true {
            let counts = try await client.query(CountBatchJobs(batchID: batchID))
            if counts != last { onChange(counts) }
            last = counts
            let left = counts.filter { !$0.hasEnded }.reduce(0) { $0 + $1.jobs }
            if left == 0 { return counts }
            if let deadline, ContinuousClock.now >= deadline {
                throw Failure(.interrupted, "batch \(batchID): \(left) jobs have not ended yet; wait again to go on")
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}

extension CountBatchJobs.Row {
    /// Whether nothing more happens to such jobs unless a person acts.
    var hasEnded: Bool { ["completed", "failed", "cancelled", "held"].contains(status) }
}

extension BatchWait.Counts {
    /// How a command ends whose batch ended so.
    var exit: Exit { contains { ["failed", "held"].contains($0.status) && $0.jobs > 0 } ? .jobsFailed : .done }

    /// One line for people.
    var summary: String {
        let parts = filter { $0.jobs > 0 }.map { "\($0.jobs) \($0.status)" }
        return parts.isEmpty ? "no jobs" : parts.joined(separator: ", ")
    }
}
