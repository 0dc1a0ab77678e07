import MeshmillCore
import MeshmillStore
import MeshmillWorker

/// A generation that a simulated worker polls, and under which epoch it owns the job.
struct SimulatedGeneration {
    let attemptID: Int64
    let jobID: Int64
    let ownership: Ownership
    let keyID: Int64
    let keyName: String
    /// The provider's id.
    let generationID: String
    let rateWindow: Duration
    let budget: FailureBudget
    /// When its POST was claimed, by the worker's own clock.
    let startedAt: Duration

    init(_ claimed: ClaimedAttempt, generationID: String, ownership: Ownership, startedAt: Duration) {
        attemptID = claimed.attemptID
        jobID = claimed.jobID
        self.ownership = ownership
        keyID = claimed.keyID
        keyName = claimed.keyName
        self.generationID = generationID
        rateWindow = claimed.rateWindow
        budget = claimed.budget
        self.startedAt = startedAt
    }

    /// An orphan's generation; `nil` if its POST was never answered.
    init?(_ orphan: Orphan, at now: Duration) {
        guard let generationID = orphan.generationID else { return nil }
        attemptID = orphan.attemptID
        jobID = orphan.jobID
        ownership = Ownership(.ours(epoch: orphan.leaseEpoch))
        keyID = orphan.keyID
        keyName = orphan.keyName
        self.generationID = generationID
        rateWindow = orphan.rateWindow
        budget = orphan.budget
        startedAt = now - orphan.generatingFor
    }
}
