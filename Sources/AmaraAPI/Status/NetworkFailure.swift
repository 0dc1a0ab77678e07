/// Why a request that may be repeated at will had no answer; the raw value is the metric label.
package enum NetworkFailure: String, Sendable, Hashable, CaseIterable {
    case nameNotResolved = "name_not_resolved"
    case connectionFailed = "connection_failed"
    case connectTimeout = "connect_timeout"
    case tlsFailed = "tls_failed"
    case proxyFailed = "proxy_failed"
    case connectionLost = "connection_lost"
    case timedOut = "timed_out"
    case cancelled
    /// A base URL or token that no request can carry, or the client is shut down.
    case invalidRequest = "invalid_request"
}
