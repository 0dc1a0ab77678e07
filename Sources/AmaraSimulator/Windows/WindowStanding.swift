/// How much of a key's window is used, as the body of a 429 reports it.
package struct WindowStanding: Sendable, Equatable {
    /// Requests per window.
    package var limit: Int
    /// Requests that count now, between zero and the limit.
    package var used: Int
    /// Time until one request fits; zero when it fits now.
    package var retryAfter: Duration

    /// Requests that still fit.
    package var remaining: Int { limit - used }
    /// Whether a request fits now.
    package var allows: Bool { retryAfter == .zero }

    package init(limit: Int, used: Int, retryAfter: Duration) {
        self.limit = limit
        self.used = min(max(0, used), limit)
        self.retryAfter = retryAfter
    }

    init(limit: Int64, used: Int64, retryAfterMicroseconds: Int64) {
        self.init(
            limit: Int(limit),
            used: Int(clamping: used),
            retryAfter: .microseconds(max(0, retryAfterMicroseconds))
        )
    }
}
