import MeshmillCore
import MeshmillStore

/// A generation that a simulated worker polls, under the epoch by which it owns the job.
struct SimulatedGeneration {
    let attemptID: Int64
    let jobID: Int64
    let leaseEpoch: Int64
    let keyName: String
    /// The provider's id.
    let generationID: String
    let rateWindow: Duration
    let budget: FailureBudget
    /// When its POST was claimed, by the worker's own clock.
    let startedAt: Duration

    init(_ claimed: ClaimedAttempt, generationID: String, leaseEpoch: Int64, startedAt: Duration) {
        attemptID = claimed.attemptID
        jobID = claimed.jobID
        self.leaseEpoch = leaseEpoch
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
        leaseEpoch = orphan.leaseEpoch
        keyName = orphan.keyName
        self.generationID = generationID
        rateWindow = orphan.rateWindow
        budget = orphan.budget
        startedAt = now - orphan.generatingFor
    }
}
