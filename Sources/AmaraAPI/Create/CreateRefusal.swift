/// A refused POST, with everything the answer said that someone may act on.
package struct CreateRefusal: Sendable, Hashable {
    /// The provider's own count for a key's window, from a 429; each field `nil` when it was not given.
    package struct RateLimit: Sendable, Hashable {
        package let limit: Int?
        package let used: Int?
        package let remaining: Int?

        package init(limit: Int? = nil, used: Int? = nil, remaining: Int? = nil) {
            self.limit = limit
            self.used = used
            self.remaining = remaining
        }
    }

    package let kind: RefusalKind
    package let status: Int
    /// The body's `code`, cleaned, which need not be one that the reference has; `nil` without one.
    package let code: ErrorCode?
    /// One cleaned line: the provider's words, else ours for the status.
    package let message: String
    /// Seconds as the provider sent them, from `rate_limit.retry_after_seconds`, else `Retry-After`.
    ///
    /// It may be negative, huge or a fraction: clamping is the reader's. `nil` when there was no number; a `Retry-After`
    /// that is a date counts as none, since its clock is not ours.
    package let retryAfter: Double?
    /// `nil` unless the body has `rate_limit`.
    package let rateLimit: RateLimit?
    package let creditsRequired: Int?
    package let creditsRemaining: Int?
    /// Whether the provider says it gave the credit back; `nil` when it does not say.
    package let creditsRefunded: Bool?

    package init(
        kind: RefusalKind,
        status: Int,
        code: ErrorCode? = nil,
        message: String,
        retryAfter: Double? = nil,
        rateLimit: RateLimit? = nil,
        creditsRequired: Int? = nil,
        creditsRemaining: Int? = nil,
        creditsRefunded: Bool? = nil
    ) {
        self.kind = kind
        self.status = status
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.rateLimit = rateLimit
        self.creditsRequired = creditsRequired
        self.creditsRemaining = creditsRemaining
        self.creditsRefunded = creditsRefunded
    }
}
