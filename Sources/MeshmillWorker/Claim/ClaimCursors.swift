package import MeshmillStore

/// Where this worker reads fresh jobs on, by batch; in memory only.
///
/// While somebody holds a snapshot, the queue's index keeps an entry for every job claimed since, and each claim without
/// a cursor walks through all of them. Jobs may appear behind a cursor: those of a submission that committed late, and
/// those that a person queues again. So every cursor is forgotten now and then, and whenever there is news.
package struct ClaimCursors: Sendable {
    /// How often a claim starts at the first job again.
    package static let rewindInterval: Duration = .seconds(5)
    /// Of the time, the most that rewound claims may take: behind an old snapshot they are the slow ones.
    private static let rewindShare = 0.02
    /// Batches that are remembered; beyond it, all are forgotten.
    private static let limit = 256

    private var byBatch: [Int64: ClaimCursor] = [:]
    private var rewoundAt: ContinuousClock.Instant
    private var rewindCost: Duration = .zero
    private var isRewound = true
    private var hasNews = false

    package init(now: ContinuousClock.Instant = .now) { rewoundAt = now }

    /// What the next claim is to be given.
    package mutating func next(now: ContinuousClock.Instant = .now) -> [ClaimCursor] {
        let rest = hasNews ? rewindCost * 10 : max(Self.rewindInterval, rewindCost / Self.rewindShare)
        if byBatch.count > Self.limit || rewoundAt.duration(to: now) >= rest {
            byBatch = [:]
            rewoundAt = now
            isRewound = true
            hasNews = false
        }
        return Array(byBatch.values)
    }

    /// Takes in what a claim was given, and how long it took.
    package mutating func advance(past claimed: [ClaimedAttempt], took duration: Duration) {
        if isRewound { rewindCost = duration }
        isRewound = false
        for attempt in claimed where !attempt.isDue {
            let known = byBatch[attempt.batchID]
            // By priority, highest first, then by age.
            if let known, (known.priority, attempt.jobID) < (attempt.priority, known.jobID) { continue }
            byBatch[attempt.batchID] = ClaimCursor(
                batchID: attempt.batchID,
                priority: attempt.priority,
                jobID: attempt.jobID
            )
        }
    }

    /// Says that there may be jobs behind the cursors: the next claim starts at the first.
    package mutating func rewind() { hasNews = true }
}
