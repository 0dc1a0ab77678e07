import ArgumentParser
import MeshmillStore
import PostgresClient

/// What acting on whole batches shares: ids, a reason, and whether to ask.
struct BatchActionOptions: ParsableArguments {
    @Argument(help: "Ids of batches.")
    var batches: [Int64]

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only say how many jobs it would touch.")
    var isDryRun = false

    /// Acts on the jobs of each batch in pieces, so that no transaction is long, and says how many those were.
    ///
    /// - Parameters:
    ///   - action: what is done.
    ///   - statuses: which jobs it applies to.
    ///   - installation: whose batches.
    ///   - question: what is asked before, given the number of jobs; nil asks nothing.
    ///   - isConfirmed: whether `--yes` answers the question.
    /// - Throws: ``Failure`` for an id that no batch has, or without a yes; `PostgresError`.
    func act(
        _ action: JobAction,
        on statuses: Set<String>,
        in installation: Installation,
        question: ((Int64) -> String)? = nil,
        isConfirmed: Bool = true
    ) async throws {
        var jobs: Int64 = 0
        for batch in batches {
            guard let overview = try await installation.client.query(ListBatches(id: batch)).first else {
                throw Failure.noBatch(batch)
            }
            jobs += overview.counts.filter { statuses.contains($0.status) }.reduce(0) { $0 + $1.jobs }
        }
        if isDryRun { return try Output.line("would \(action.rawValue) \(jobs) jobs") }
        if let question, jobs > 0 { try Confirmation.beforeLoss(question(jobs), isConfirmed: isConfirmed) }
        for batch in batches {
            var done: Int64 = 0
            while true {
                let statement = ActOnBatch(action, batchID: batch, reason: reason)
                let count = try await installation.act { try await $0.query(statement).first ?? 0 }
                done += count
                if count == 0 { break }
            }
            try Output.line("batch \(batch): \(done) jobs \(action.done)")
        }
    }

    /// Pauses or opens each batch as a whole.
    func setPaused(_ isPaused: Bool, in installation: Installation) async throws {
        for batch in batches {
            guard let overview = try await installation.client.query(ListBatches(id: batch)).first else {
                throw Failure.noBatch(batch)
            }
            if isDryRun {
                try Output.line("batch \(batch) is \(overview.status); would \(isPaused ? "hold" : "release") it")
                continue
            }
            let statement = SetBatchPaused(batchID: batch, isPaused: isPaused, reason: reason)
            let status = try await installation.act { try await $0.query(statement).first ?? "" }
            try Output.line("batch \(batch) is \(status)")
        }
    }
}
