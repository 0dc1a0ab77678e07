package import MeshmillCore

/// A slot and a job that were taken together: what one POST needs, and what its answer is weighed with.
package struct ClaimedAttempt: Sendable, Hashable {
    package let attemptID: Int64
    package let jobID: Int64
    package let batchID: Int64
    /// The job's epoch under which its moves are accepted.
    package let leaseEpoch: Int64
    package let keyID: Int64
    package let keyName: String
    /// The key's rate window.
    package let rateWindow: Duration
    /// Added to it before a slot is used again.
    package let margin: Duration
    /// SHA-256 of the prepared image: its name in the artifact store.
    package let inputSHA256: [UInt8]
    /// `png`, `jpeg` or `webp`.
    package let inputFormat: String
    /// `nil`, here and below, is the provider's default.
    package let mode: String?
    package let seed: Int64?
    package let decimationTarget: Int?
    package let textureSize: Int?
    package let prompt: String?
    package let budget: FailureBudget
    /// Whether it was sent to see if the provider, the key or the org works again.
    package let isProbe: Bool
    package let priority: Int16
    /// Whether the job was queued once more; a fresh one moves its batch's cursor.
    package let isDue: Bool
}
