package import MeshmillCore

/// A dead worker's job.
package struct Orphan: Sendable, Hashable {
    package let attemptID: Int64
    package let jobID: Int64
    package let batchID: Int64
    /// The epoch under which the adopter owns it.
    package let leaseEpoch: Int64
    package let state: JobState?
    package let keyID: Int64
    package let keyName: String
    package let rateWindow: Duration
    /// The generation mode; `nil` is the provider's default.
    package let mode: String?
    /// `nil` when the POST's answer was never recorded.
    package let generationID: String?
    /// Time since its POST was claimed.
    package let generatingFor: Duration
    package let budget: FailureBudget
}
