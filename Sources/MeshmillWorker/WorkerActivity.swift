import Synchronization

/// What this worker is doing right now, for its own limits and for whoever shows progress; never in the database.
package final class WorkerActivity: Sendable {
    /// A generation as the provider last described it.
    package struct Progress: Sendable, Hashable {
        /// 0 to 100; `nil` when not known.
        package var percent: Double?
        /// The provider's word for what it does, cleaned.
        package var step: String?
        /// Place in the provider's queue; 1 is being worked on.
        package var queuePosition: Int?
    }

    private struct State {
        var inFlight: Set<Int64> = []
        /// POSTs that were sent and whose end could not be recorded.
        var unrecorded: Set<Int64> = []
        var doubtedAt: ContinuousClock.Instant?
        var progress: [Int64: Progress] = [:]
        var storageTrouble: (text: String, at: ContinuousClock.Instant)?
        var secretTroubleAt: ContinuousClock.Instant?
        var missingInputs = 0
        var databaseTrouble: String?
        var networkFailures = 0
        var missingEndpoints = 0
        var posts = 0
        var accepted = 0
        var isSubmitting = true
        var lastPostAt: ContinuousClock.Instant?
        var typicalGeneration: Duration?
    }

    /// Signalled when the last attempt in hand has ended; one sleeper at a time.
    package let idle = WakeSignal()

    private let state = Mutex(State())
    private let troubleLasts: Duration

    /// Makes one of a worker that has done nothing yet.
    ///
    /// - Parameter troubleLasts: how long files count as impossible to write, and secrets as impossible to open, after the
    ///   last one that was.
    package init(troubleLasts: Duration = .seconds(30)) {
        self.troubleLasts = troubleLasts
    }

    /// POSTs under way and generations polled or downloaded.
    package var inFlight: Int { state.withLock(\.inFlight.count) }
    /// By attempt.
    package var progress: [Int64: Progress] { state.withLock(\.progress) }
    /// POSTs answered by this worker, and how many of them were accepted.
    package var posts: (all: Int, accepted: Int) { state.withLock { ($0.posts, $0.accepted) } }
    /// Why nothing new is submitted: the output folder cannot take files, or prepared images cannot be read.
    ///
    /// `nil` when it can, and when nobody has tried for a while: the download that suffered may have ended elsewhere, and
    /// then only a new one finds out.
    package var storageTrouble: String? {
        state.withLock { state in
            guard let trouble = state.storageTrouble, trouble.at.duration(to: .now) < troubleLasts else {
                return nil
            }
            return trouble.text
        }
    }
    /// Whether nothing new is submitted since a key's secret could not be opened a moment ago.
    var hasSecretTrouble: Bool {
        state.withLock { $0.secretTroubleAt.map { $0.duration(to: .now) < troubleLasts } ?? false }
    }
    /// Why nothing new is submitted: the database cannot be reached.
    ///
    /// `nil` when it can.
    package var databaseTrouble: String? { state.withLock(\.databaseTrouble) }
    /// POSTs in a row that never left for want of a connection; 0 as soon as the provider answers one.
    package var networkFailures: Int { state.withLock(\.networkFailures) }
    /// Whether the switch allows POSTs, as of the last heartbeat.
    package var isSubmitting: Bool { state.withLock(\.isSubmitting) }

    /// When the last POST was accepted; `nil` before the first.
    package var lastPostAt: ContinuousClock.Instant? { state.withLock(\.lastPostAt) }
    /// From claim to GLB, as a moving average over those that this worker finished; `nil` before the first.
    package var typicalGeneration: Duration? { state.withLock(\.typicalGeneration) }

    func completed(after duration: Duration) {
        state.withLock { state in
            let known = state.typicalGeneration ?? duration
            state.typicalGeneration = known + (duration - known) / 8
        }
    }

    func begin(_ attemptID: Int64) { state.withLock { _ = $0.inFlight.insert(attemptID) } }

    /// Lets an attempt go; one whose POST was sent but whose end is not in the database stays known.
    func end(_ attemptID: Int64, isRecorded: Bool = true) {
        let isIdle = state.withLock { state in
            state.inFlight.remove(attemptID)
            state.progress[attemptID] = nil
            if !isRecorded { state.unrecorded.insert(attemptID) }
            return state.inFlight.isEmpty
        }
        if isIdle { idle.signal() }
    }

    /// Attempts that this worker has in hand, or sent without being able to record their end.
    var knownAttempts: [Int64] { state.withLock { $0.inFlight.union($0.unrecorded).sorted() } }

    /// When a write last failed in a way that leaves open whether it happened; `nil` once that was looked up.
    var doubtedAt: ContinuousClock.Instant? { state.withLock(\.doubtedAt) }

    func noteDoubt() { state.withLock { $0.doubtedAt = .now } }

    /// Ends a doubt that was looked up, unless there is a newer one.
    func endDoubt(of instant: ContinuousClock.Instant) {
        state.withLock { if $0.doubtedAt == instant { $0.doubtedAt = nil } }
    }

    /// Counts a POST that never left for want of a connection, or that the provider was reached.
    ///
    /// - Returns: whether this changes anything, so that it is logged once.
    func noteNetwork(isReached: Bool) -> Bool {
        state.withLock { state in
            let changes = (state.networkFailures > 0) == isReached
            state.networkFailures = isReached ? 0 : state.networkFailures + 1
            return changes
        }
    }

    /// Whether nothing but "there is no such endpoint" came back so far: the base URL is wrong.
    package var isEndpointMissing: Bool {
        state.withLock { $0.missingEndpoints > 1 && $0.missingEndpoints == $0.posts }
    }

    func answered(accepted: Bool, isEndpointMissing: Bool) {
        state.withLock { state in
            state.posts += 1
            if isEndpointMissing { state.missingEndpoints += 1 }
            guard accepted else { return }
            state.accepted += 1
            state.lastPostAt = .now
        }
    }

    func note(_ progress: Progress, of attemptID: Int64) { state.withLock { $0.progress[attemptID] = progress } }

    /// Returns whether this changes anything, so that it is logged once.
    func note(storageTrouble: String?) -> Bool {
        state.withLock { state in
            defer { state.storageTrouble = storageTrouble.map { ($0, .now) } }
            return (state.storageTrouble == nil) != (storageTrouble == nil)
        }
    }

    /// Returns whether this changes anything, so that it is logged once.
    func note(databaseTrouble: String?) -> Bool {
        state.withLock { state in
            defer { state.databaseTrouble = databaseTrouble }
            return (state.databaseTrouble == nil) != (databaseTrouble == nil)
        }
    }

    /// Counts a prepared image that could not be read.
    ///
    /// - Parameter most: how many in a row say nothing of the store.
    /// - Returns: whether it was one more than that; then counting begins anew, so that what is really lost comes to an
    ///   end.
    func noteMissingInput(most: Int) -> Bool {
        state.withLock { state in
            state.missingInputs = state.missingInputs < most ? state.missingInputs + 1 : 0
            return state.missingInputs == 0
        }
    }

    func noteInputRead() { state.withLock { $0.missingInputs = 0 } }

    func noteSecretTrouble() { state.withLock { $0.secretTroubleAt = .now } }

    func note(isSubmitting: Bool) { state.withLock { $0.isSubmitting = isSubmitting } }
}
