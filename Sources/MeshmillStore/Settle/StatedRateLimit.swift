/// What a 429 said of its key's window, as the provider sent it; each field `nil` when it was not given.
package struct StatedRateLimit: Sendable, Hashable {
    package var limit: Int?
    package var used: Int?
    package var remaining: Int?
    /// Seconds, unclamped; `nil` also for what is no finite number.
    package var retryAfter: Double?

    package init(limit: Int? = nil, used: Int? = nil, remaining: Int? = nil, retryAfter: Double? = nil) {
        self.limit = limit
        self.used = used
        self.remaining = remaining
        self.retryAfter = retryAfter.flatMap { $0.isFinite ? $0 : nil }
    }
}
