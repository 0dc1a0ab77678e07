import MeshmillCore
import MeshmillStore
import MeshmillSubmission
import MeshmillTerminal
import MeshmillWorker
import PostgresClient
import Synchronization

/// Watches one run: the database twice a second and whenever the worker is idle, the worker and the submission as they go.
final class RunMonitor: Sendable {
    private struct State {
        var snapshot: RunSnapshot
        var isSubmitting = true
        var hasEnded = false
        var completedBefore: Int?
        var creditsBefore: Int64?
        var generationTimes: [Duration] = []
        var refusals = 0
    }

    /// Refusals that are told one by one; the others are counted.
    private static let maximumRefusals = 1_000
    /// Lines of jobs in flight that are shown.
    private static let activeLines = 4

    private let client: PostgresClient
    private let batchID: Int64
    private let activity: WorkerActivity
    private let startedAt = ContinuousClock.now
    private let state: Mutex<State>

    init(
        client: PostgresClient,
        batchID: Int64,
        source: String,
        out: String,
        survey: SubmissionSurvey,
        activity: WorkerActivity
    ) {
        self.client = client
        self.batchID = batchID
        self.activity = activity
        var snapshot = RunSnapshot(source: source, out: out)
        snapshot.batchID = batchID
        snapshot.isSubmitting = true
        snapshot.found = survey.found
        state = Mutex(State(snapshot: snapshot))
    }

    /// The display on standard error.
    func makePrinter(_ variables: [String: String]) -> ProgressPrinter {
        ProgressPrinter(
            state.withLock(\.snapshot),
            device: StandardError(variables: variables),
            style: TerminalStyle(variables: variables)
        )
    }

    /// Takes in a step of the submission.
    func note(_ event: SubmissionEvent) {
        switch event {
        case .surveyed: break
        case .prepared: state.withLock { $0.snapshot.prepared += 1 }
        case .refused(let refusal):
            let count = state.withLock { state in
                state.refusals += 1
                state.snapshot.refused = state.refusals
                return state.refusals
            }
            if count <= Self.maximumRefusals { Messages.line(refusal.description) }
        case .queued: break
        case .paused(let reason): Messages.line("paused: \(reason)")
        case .resumed: Messages.line("goes on")
        }
    }

    /// Says that nothing more is submitted.
    func submissionEnded() {
        state.withLock { state in
            state.isSubmitting = false
            state.snapshot.isSubmitting = false
        }
    }

    /// Ends ``keep(_:)``.
    func end() { state.withLock { $0.hasEnded = true } }

    /// Feeds the display until ``end()``.
    func keep(_ printer: ProgressPrinter) async {
        while !state.withLock(\.hasEnded), !Task.isCancelled {
            printer.update(liveSnapshot())
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Waits until the batch is done or has to give up.
    ///
    /// - Parameters:
    ///   - maxWait: how long no key may have credits or quota.
    ///   - checkProvider: called once, when there is work: without work there is nothing to complain about.
    /// - Returns: never `goesOn`.
    /// - Throws: what `checkProvider` throws; `PostgresError`; `CancellationError`.
    func decide(maxWait: Duration, checkProvider: () async throws -> Void) async throws -> RunVerdict {
        var starvedSince: ContinuousClock.Instant?
        var openedBefore: Int?
        var isChecked = false
        while true {
            // Read before the counts, so that what was submitted last is in them.
            let isSubmitting = state.withLock(\.isSubmitting)
            let began = ContinuousClock.now
            var look: Duration = .zero
            do {
                let (counts, outlook) = try await readDatabase()
                let now = ContinuousClock.now
                look = began.duration(to: now)
                starvedSince = RunVerdict.isStarved(outlook) && counts.running == 0 ? starvedSince ?? now : nil
                // Opening is one; each probe that fails adds one.
                let opened = max(outlook.breakerOpenedTimes, 1)
                openedBefore = min(openedBefore ?? opened, opened)
                let verdict = RunVerdict(
                    counts,
                    outlook,
                    isSubmitting: isSubmitting,
                    failedProbes: opened - (openedBefore ?? opened),
                    starvedFor: starvedSince.map { $0.duration(to: now) } ?? .zero,
                    maxWait: maxWait
                )
                if verdict != .goesOn { return verdict }
                if activity.isEndpointMissing { return Self.noSuchEndpoint }
                if !isChecked, counts.waiting + counts.running > 0 {
                    isChecked = true
                    try await checkProvider()
                }
            } catch let error as PostgresError where error.isRetryable || error.isConnectionFailure {
                // The worker waits for the database, and says so; so does the display.
            }
            // Counting a very large batch takes its time; the look itself must not become the load. A worker that is idle
            // has likely ended the batch.
            let rest = min(max(.milliseconds(500), look * 2), .seconds(3))
            let least = min(max(.milliseconds(50), look * 2), rest)
            try await Task.sleep(for: least)
            await activity.idle.sleep(atMost: rest - least)
        }
    }

    private static let noSuchEndpoint = RunVerdict.stops(
        .configuration,
        "there is no such API at AMARA_API_URL: every POST was answered 404 or the like; correct it, then run it again"
    )

    /// Reads where the batch stands: before anything is added to it, and once more at the end.
    ///
    /// - Returns: the batch's jobs by state.
    @discardableResult
    func readNow() async throws -> JobCounts { try await readDatabase().0 }

    private func countJobs() async throws -> JobCounts {
        var counts = JobCounts()
        for row in try await client.query(CountBatchJobs(batchID: batchID)) {
            if let state = JobState(rawValue: row.status) { counts[state] = Int(row.jobs) }
        }
        return counts
    }

    /// How the run ended.
    func summary(_ counts: JobCounts, _ report: SubmissionReport?, _ ending: RunSummary.Ending) -> RunSummary {
        state.withLock { state in
            var summary = RunSummary(
                batchID: batchID,
                out: state.snapshot.out,
                ending: ending,
                command: CommandLine.arguments
            )
            summary.made = counts.completed - (state.completedBefore ?? 0)
            summary.alreadyThere = state.completedBefore ?? 0
            summary.failed = counts.failed
            summary.held = counts.held
            summary.cancelled = counts.cancelled
            summary.left = counts.waiting + counts.running
            summary.refused = report?.invalidCount ?? state.refusals
            summary.conflicts = report?.conflictCount ?? 0
            summary.ignored = report?.ignored ?? 0
            summary.creditsSpent = state.snapshot.credits.used - Int(state.creditsBefore ?? 0)
            summary.elapsed = startedAt.duration(to: .now)
            return summary
        }
    }

    private func readDatabase() async throws -> (JobCounts, ReadRunOutlook.Row) {
        let counts = try await countJobs()
        guard let outlook = try await client.query(ReadRunOutlook(batchID: batchID)).first else {
            throw Failure(.usage, "batch \(batchID) is gone")
        }
        let active = try await client.query(ListActiveJobs(batchID: batchID, limit: Self.activeLines))
        let progress = activity.progress
        state.withLock { state in
            state.completedBefore = state.completedBefore ?? counts.completed
            state.creditsBefore = state.creditsBefore ?? outlook.used
            state.snapshot.counts = counts
            state.snapshot.take(outlook)
            state.snapshot.active = active.map { job in
                let known = progress[job.attemptID]
                return ActiveGeneration(
                    source: String(
                        job.source[
                            (job.source.lastIndex(of: "/").map(job.source.index(after:)) ?? job.source.startIndex)...
                        ]
                    ),
                    state: job.state,
                    percent: known?.percent,
                    step: known?.step,
                    queuePosition: known?.queuePosition
                )
            }
        }
        return (counts, outlook)
    }

    private func liveSnapshot() -> RunSnapshot {
        let typical = activity.typicalGeneration
        let sinceLastPost = activity.lastPostAt.map { $0.duration(to: .now) }
        let database = activity.databaseTrouble
        let storage = activity.storageTrouble
        return state.withLock { state in
            var snapshot = state.snapshot
            snapshot.elapsed = startedAt.duration(to: .now)
            snapshot.typicalGeneration = typical
            snapshot.sinceLastPost = sinceLastPost
            if let database { snapshot.troubles.insert(.database(database)) }
            if let storage { snapshot.troubles.insert(.storage(storage)) }
            return snapshot
        }
    }
}

extension RunSnapshot {
    /// Takes in what the database says of keys, slots and credits.
    fileprivate mutating func take(_ outlook: ReadRunOutlook.Row) {
        credits = CreditUse(
            used: Int(outlook.used),
            reserved: Int(outlook.reserved),
            maximum: outlook.maximum.map(Int.init),
            remaining: outlook.creditsRemaining.map(Int.init)
        )
        keys = KeyOutlook(
            total: Int(outlook.keys),
            usable: Int(outlook.usableKeys),
            disabled: Int(outlook.disabledKeys),
            withoutQuota: Int(outlook.keysWithoutQuota),
            paused: Int(outlook.pausedKeys),
            orgsWithoutCredits: Int(outlook.orgsWithoutCredits)
        )
        slots = outlook.slots
        breaker =
            outlook.breakerIsOpen
            ? BreakerOutlook(probeIn: outlook.probeIn.map { max($0, .zero) }, reason: outlook.breakerReason) : nil
        troubles = outlook.isSubmitting ? [] : [.switchedOff]
    }
}
