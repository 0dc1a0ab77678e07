/// Why a download did not bring its file home, or why the client cannot be set up.
///
/// `description` is one line that names the thing, the cause and the cure; it holds no secret and no raw provider text.
package struct AmaraError: Error {
    /// What went wrong; the raw value is the metric label and the `error_code` of a row.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// A base URL, proxy or CA file that cannot be used.
        case configuration = "client_configuration"
        /// The task was cancelled.
        case cancelled
        /// No connection, or it broke.
        case network
        /// The deadline passed, or no byte came for the read timeout.
        case timedOut = "timed_out"
        /// Bytes came more slowly than the minimum rate.
        case tooSlow = "too_slow"
        /// More bytes than the limit allows.
        case tooLarge = "too_large"
        /// Fewer bytes than `Content-Length` announced.
        case truncated
        /// 401 or 403 from the API's own origin: the key.
        case unauthorized
        /// 404 or 410, or from a result host also 401 or 403: the URL expired or the result is gone.
        case gone = "result_gone"
        /// 429; ``AmaraError/retryAfter`` may say how long.
        case throttled
        /// 408 or any 5xx.
        case serverError = "server_error"
        /// Any other status but 200.
        case unexpectedStatus = "unexpected_status"
        /// A URL that must not be fetched: its scheme, host or address.
        case forbiddenURL = "forbidden_url"
        /// A redirect that may not be followed: too many, no target, or a forbidden one.
        case forbiddenRedirect = "forbidden_redirect"
        /// The place that takes the bytes failed; ``AmaraError/underlying`` is its error.
        case sinkFailed = "sink_failed"
    }

    package let code: Code
    /// One cleaned line.
    package let message: String
    /// The HTTP status, if the answer had a head.
    package let status: Int?
    /// Seconds from `Retry-After` as the server sent them, unclamped; `nil` without a number.
    package let retryAfter: Double?
    /// The sink's error for ``Code/sinkFailed``; `nil` otherwise.
    package let underlying: (any Error)?

    package init(
        _ code: Code,
        _ message: String,
        status: Int? = nil,
        retryAfter: Double? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
        self.underlying = underlying
    }
}

extension AmaraError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}
