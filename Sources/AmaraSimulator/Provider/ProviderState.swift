/// The provider's books at one instant, for scripts and tests; times are real.
package struct ProviderState: Sendable, Codable {
    /// One organization's balance.
    package struct Org: Sendable, Codable {
        package var name: String
        package var credits: Int
    }

    /// One key; holds its secret, so it is for loopback only.
    package struct Key: Sendable, Codable {
        package var name: String
        package var secret: String
        package var org: String
        package var limit: Int
        package var windowSeconds: Double
        /// POSTs in the window now.
        package var used: Int
        /// Seconds until a POST fits; 0 when it fits now.
        package var retryAfterSeconds: Double
        /// `nil` when the key has no limit.
        package var monthlyLimit: Int?
        package var monthlyUsed: Int
        package var hasMeshgenScope: Bool
        package var isDisabled: Bool

        private enum CodingKeys: String, CodingKey {
            case name, secret, org, limit, used
            case windowSeconds = "window_seconds"
            case retryAfterSeconds = "retry_after_seconds"
            case monthlyLimit = "monthly_limit"
            case monthlyUsed = "monthly_used"
            case hasMeshgenScope = "meshgen_scope"
            case isDisabled = "disabled"
        }
    }

    /// Seconds since the start.
    package var nowSeconds: Double
    package var model: WindowModel
    package var limit: Int
    package var windowSeconds: Double
    package var acceptedGenerations: Int
    package var queuedGenerations: Int
    /// Generations that wait or are worked on.
    package var unfinishedGenerations: Int
    package var orgs: [Org]
    package var keys: [Key]

    private enum CodingKeys: String, CodingKey {
        case model, limit, orgs, keys
        case nowSeconds = "now_seconds"
        case windowSeconds = "window_seconds"
        case acceptedGenerations = "accepted_generations"
        case queuedGenerations = "queued_generations"
        case unfinishedGenerations = "unfinished_generations"
    }
}
