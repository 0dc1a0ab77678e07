import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// What acting on jobs shares: ids or a filter, a reason, and whether to ask.
struct JobActionOptions: ParsableArguments {
    @Argument(help: "Ids of jobs; or give a filter.")
    var jobs: [Int64] = []

    @OptionGroup(title: "Filter") var filter: JobFilterOptions

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only say how many jobs it would touch, and show some.")
    var isDryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Write a JSON object: {matched, changed, skipped: [{job_id, status}], failed: [{job_id, error}]}.")
    var json = false

    func validate() throws {
        guard jobs.isEmpty != filter.filter.isEmpty else {
            throw ValidationError("give ids of jobs, or a filter such as --status failed --batch 7, but not both")
        }
    }

    /// Changes those of the jobs that it applies to, and says how many those were.
    ///
    /// Which jobs that is, is settled before the question: jobs that match later are not touched.
    ///
    /// - Parameters:
    ///   - change: what is done.
    ///   - installation: whose jobs.
    ///   - question: what is asked first, given the number of jobs; nil asks only about what a filter found.
    /// - Returns: how the command ends.
    /// - Throws: ``Failure`` for an id that no job has, or without a yes; `PostgresError`.
    func run(
        _ change: JobsChange,
        in installation: Installation,
        question: ((Int) -> String)? = nil
    ) async throws -> Exit {
        var ids = Set(jobs).sorted()
        var rows: [FindJobs.Row]
        if ids.isEmpty {
            var wanted = filter.filter
            for batch in wanted.batchIDs ?? [] { try await installation.checkBatch(batch) }
            if wanted.statuses == nil { wanted.statuses = change.statuses.sorted() }
            rows = try await installation.client.query(FindJobs(wanted, limit: JobsChange.limit))
            rows.sort { $0.id < $1.id }
            ids = rows.map(\.id)
        } else {
            let found = try await installation.client.query(ListJobs(ids: ids, limit: ids.count))
            if let missing = Set(ids).subtracting(found.map(\.id)).min() { throw Failure.noJob(missing) }
            rows = found.map { FindJobs.Row(id: $0.id, status: $0.status) }
        }
        let touched = rows.filter { change.statuses.contains($0.status) }
        if isDryRun || jobs.isEmpty { try await show(touched, change, in: installation) }
        if isDryRun { return .done }
        if let question = question ?? (jobs.isEmpty ? { "\(change.verb) \($0) jobs?" } : nil),
            !touched.isEmpty
        {
            try Confirmation.beforeLoss(question(touched.count), isConfirmed: yes)
        }
        let outcome = try await change.run(on: ids, in: installation)
        let exit = try await report(outcome, of: ids.count, change, in: installation)
        guard jobs.isEmpty, ids.count == JobsChange.limit else { return exit }
        Messages.line("these were the first \(Phrase.count(ids.count, "job")); run it again for the others")
        return exit == .done ? .jobsFailed : exit
    }

    /// How many jobs of which status, and the first few of them.
    private func show(_ rows: [FindJobs.Row], _ change: JobsChange, in installation: Installation) async throws {
        let counts = Dictionary(grouping: rows, by: \.status).mapValues(\.count).sorted { $0.key < $1.key }
        let text = counts.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let line = "would \(change.verb) \(rows.count) jobs" + (text.isEmpty ? "" : ": \(text)")
        if isDryRun, !json { try Output.line(line) } else { Messages.line(line) }
        if isDryRun, json { try Output.line(JSONValue.object([("matched", .int(rows.count))]).text) }
        let sample = rows.prefix(5).map(\.id)
        guard !sample.isEmpty else { return }
        for job in try await installation.client.query(ListJobs(ids: Array(sample), limit: sample.count)) {
            Messages.line("  job \(job.id), \(job.status), batch \(job.batchID): \(OneLine.text(job.source ?? ""))")
        }
        if rows.count > sample.count { Messages.line("  and \(rows.count - sample.count) more") }
    }

    private func report(
        _ outcome: JobsChange.Outcome,
        of matched: Int,
        _ change: JobsChange,
        in installation: Installation
    ) async throws -> Exit {
        let shown = json ? outcome.skipped : Array(outcome.skipped.prefix(20))
        var skipped: [(id: Int64, status: String)] = []
        for start in stride(from: 0, to: shown.count, by: 1_000) {
            let ids = Array(shown[start..<min(start + 1_000, shown.count)])
            let jobs = try await installation.client.query(ListJobs(ids: ids, limit: ids.count))
            skipped += jobs.map { ($0.id, $0.status) }
        }
        if json {
            let fields: [(String, JSONValue)] = [
                ("matched", .int(matched)), ("changed", .int(outcome.changed)),
                (
                    "skipped",
                    .array(skipped.map { .object([("job_id", .int($0.id)), ("status", .string($0.status))]) })
                ),
                (
                    "failed",
                    .array(outcome.failed.map { .object([("job_id", .int($0.id)), ("error", .string($0.error))]) })
                ),
            ]
            try Output.line(JSONValue.object(fields).text)
        } else {
            try Output.line("\(outcome.changed) jobs \(change.done)")
            for job in skipped { Messages.line("job \(job.id) is \(job.status): not \(change.done)") }
            if outcome.skipped.count > skipped.count {
                Messages.line("and \(outcome.skipped.count - skipped.count) more")
            }
            for job in outcome.failed.prefix(20) { Messages.line("job \(job.id): \(job.error)") }
            if outcome.failed.count > 20 { Messages.line("and \(outcome.failed.count - 20) more") }
        }
        return outcome.failed.isEmpty ? .done : .jobsFailed
    }
}
