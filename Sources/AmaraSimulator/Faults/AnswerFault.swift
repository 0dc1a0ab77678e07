/// What can be wrong with an answer.
package enum AnswerFault: String, Sendable, CaseIterable {
    /// The connection closes before the request is looked at: nothing is counted or charged.
    case lostBeforeCounting = "lost_before_counting"
    /// The request takes full effect, then the connection closes without an answer.
    case lostAfterCounting = "lost_after_counting"
    /// 503 `BACKEND_TIMEOUT`, refunded.
    case backendTimeout = "backend_timeout"
    /// 503 `BACKEND_ERROR`, refunded.
    case backendError = "backend_error"
    /// 402 `CREDIT_ERROR`: the deduction failed, nothing is charged.
    case creditError = "credit_error"
    /// 500 without a code: counted in the window, not charged, no generation.
    case internalError = "internal_error"
    /// 502 from a proxy: the request took full effect behind it.
    case badGateway = "bad_gateway"
    /// 200 with a page of HTML, over a request that took full effect.
    case page = "html"
    /// 200 with JSON that is cut off, over a request that took full effect.
    case badJSON = "bad_json"
    /// 429 without a body.
    case bareRateLimit = "bare_rate_limit"
    /// 429 with a `retry_after_seconds` that nobody can mean.
    case absurdRetryAfter = "absurd_retry_after"
}
