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
    ///   - installation: whose batches.
    ///   - question: what is asked before, given the number of jobs; nil asks nothing.
    ///   - isConfirmed: whether `--yes` answers the question.
    /// - Returns: how the command ends.
    /// - Throws: ``Failure`` for an id that no batch has, or without a yes; `PostgresError`.
    func act(
        _ action: JobAction,
        in installation: Installation,
        question: ((Int) -> String)? = nil,
        isConfirmed: Bool = true
    ) async throws -> Exit {
        var found: [(batch: Int64, jobs: [Int64])] = []
        for batch in batches {
            try await installation.checkBatch(batch)
            found.append((batch, try await jobs(of: batch, action, in: installation)))
        }
        let jobs = found.reduce(0) { $0 + $1.jobs.count }
        if isDryRun {
            try Output.line("would \(action.rawValue) \(jobs) jobs")
            return .done
        }
        if let question, jobs > 0 { try Confirmation.beforeLoss(question(jobs), isConfirmed: isConfirmed) }
        var exit = Exit.done
        for (batch, jobs) in found {
            var jobs = jobs
            var changed = 0
            while true {
                let outcome = try await JobsChange.action(action, reason: reason).run(on: jobs, in: installation)
                changed += outcome.changed
                for job in outcome.failed { Messages.line("job \(job.id): \(job.error)") }
                if !outcome.failed.isEmpty { exit = .jobsFailed }
                // A batch is acted on as a whole, however many there are.
                guard jobs.count == JobsChange.limit, outcome.changed > 0 else { break }
                jobs = try await self.jobs(of: batch, action, in: installation)
            }
            try Output.line("batch \(batch): \(changed) jobs \(action.done)")
        }
        return exit
    }

    private func jobs(of batch: Int64, _ action: JobAction, in installation: Installation) async throws -> [Int64] {
        var filter = FindJobs.Filter()
        filter.batchIDs = [batch]
        filter.statuses = action.statuses.sorted()
        return try await installation.client.query(FindJobs(filter, limit: JobsChange.limit)).map(\.id).sorted()
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
