/// A POST whose fate is open: it may have made and charged a generation.
package struct CreateUnknown: Sendable, Hashable {
    /// Why nothing sure is known; the raw value is the metric label.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// A 5xx other than 503, or a status that HTTP does not have.
        case serverError = "server_error"
        /// A 2xx whose body is no JSON, has no usable generation id, or is too long.
        case malformedAnswer = "malformed_answer"
        /// A 2xx whose body broke off.
        case truncatedAnswer = "truncated_answer"
        /// The connection was lost after the body began to leave.
        case connectionLost = "connection_lost"
        /// The deadline passed after the body began to leave.
        case timedOut = "timed_out"
        /// The task was cancelled after the body began to leave.
        case cancelled
    }

    package let reason: Reason
    /// The HTTP status, if the answer had a head.
    package let status: Int?
    /// The body's `code`, cleaned; `nil` without one.
    package let code: ErrorCode?
    /// One cleaned line.
    package let message: String
    /// Whether the provider says it gave the credit back; `nil` when it does not say.
    package let creditsRefunded: Bool?

    package init(
        reason: Reason,
        status: Int? = nil,
        code: ErrorCode? = nil,
        message: String,
        creditsRefunded: Bool? = nil
    ) {
        self.reason = reason
        self.status = status
        self.code = code
        self.message = message
        self.creditsRefunded = creditsRefunded
    }
}
