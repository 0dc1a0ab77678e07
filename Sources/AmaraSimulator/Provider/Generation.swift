package import AmaraAPI

/// One accepted generation.
package struct Generation: Sendable {
    /// How it ends.
    package enum Outcome: String, Sendable, Codable {
        case completed, failed, endless
    }

    /// Number of generations accepted before it.
    package let ordinal: Int
    package let id: String
    /// Index of the key that made it.
    let key: Int
    /// ``GenerationRequest/fingerprint`` of what was asked.
    package let fingerprint: String
    package let mode: GenerationMode
    /// When the backend starts and ends the work.
    package let startsAt: Duration
    package let endsAt: Duration
    /// When its files go.
    package let expiresAt: Duration
    package let outcome: Outcome
    /// What a failed generation says about its refund; `nil` says nothing.
    let refundFlag: Bool?
    /// Whole deliveries of its GLB.
    package var downloads = 0

    /// What the provider calls the file, without its extension.
    package var assetName: String {
        let digits = String(ordinal + 1)
        return "generated_asset_" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    func hasEnded(at now: Duration) -> Bool {
        outcome != .endless && now >= endsAt
    }
}
