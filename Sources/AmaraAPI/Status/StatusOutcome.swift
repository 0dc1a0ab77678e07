/// How a status poll ended; total, and none of its cases costs a slot or a credit.
package enum StatusOutcome: Sendable, Hashable {
    /// Waiting for its turn; each number `nil` when the answer had none.
    case queued(position: Int?, total: Int?)
    /// Being made; `progress` is 0 to 100, `nil` when the answer had no number; `step` is cleaned.
    case processing(progress: Double?, step: String?, position: Int?)
    case completed(CompletedGeneration)
    /// The provider gave up; `error` is cleaned, `creditsRefunded` `nil` when it does not say.
    case failed(error: String, creditsRefunded: Bool?)
    /// 404 or 410: the result is lost, or it is another key's.
    case notFound
    /// 401: the key.
    case unauthorized
    /// 403: the key lacks the scope, or the generation is not its own.
    case forbidden
    /// 429, which the reference says a poll never gets; seconds as sent, unclamped.
    case throttled(retryAfter: Double?)
    /// 408 or any 5xx.
    case serverError(status: Int)
    /// An answer that makes no sense, with one cleaned line that says why.
    case protocolError(String)
    /// No answer.
    case network(NetworkFailure)
}
