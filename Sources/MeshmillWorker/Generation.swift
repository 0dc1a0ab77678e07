package import MeshmillCore
import MeshmillStore

/// A generation that this worker polls, and under which epoch it owns the job.
package struct Generation: Sendable {
    package let attemptID: Int64
    package let jobID: Int64
    package let batchID: Int64
    package let ownership: Ownership
    package let keyID: Int64
    package let keyName: String
    /// The provider's id.
    package let generationID: String
    /// The key's rate window, by which waits are scaled.
    package let rateWindow: Duration
    package let budget: FailureBudget
    /// When its POST was claimed, by this process's clock.
    package let startedAt: ContinuousClock.Instant
    /// Whether another worker had it before, and may have left something half-written.
    package let wasAdopted: Bool

    init(
        _ claimed: ClaimedAttempt,
        generationID: String,
        ownership: Ownership,
        startedAt: ContinuousClock.Instant
    ) {
        attemptID = claimed.attemptID
        jobID = claimed.jobID
        batchID = claimed.batchID
        self.ownership = ownership
        keyID = claimed.keyID
        keyName = claimed.keyName
        self.generationID = generationID
        rateWindow = claimed.rateWindow
        budget = claimed.budget
        self.startedAt = startedAt
        wasAdopted = false
    }

    /// An orphan's generation; `nil` if its POST was never answered.
    init?(_ orphan: Orphan) {
        guard let generationID = orphan.generationID else { return nil }
        attemptID = orphan.attemptID
        jobID = orphan.jobID
        batchID = orphan.batchID
        ownership = Ownership(.ours(epoch: orphan.leaseEpoch))
        keyID = orphan.keyID
        keyName = orphan.keyName
        self.generationID = generationID
        rateWindow = orphan.rateWindow
        budget = orphan.budget
        startedAt = ContinuousClock.now.advanced(by: .zero - orphan.generatingFor)
        wasAdopted = true
    }
}
