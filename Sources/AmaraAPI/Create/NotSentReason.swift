/// Why a POST did not leave, or did not leave whole; the raw value is the metric label.
package enum NotSentReason: String, Sendable, Hashable, CaseIterable {
    /// The send fence had passed.
    case fencePassed = "fence_passed"
    /// The deadline passed while there was no connection.
    case deadlinePassed = "deadline_passed"
    /// The task was cancelled.
    case cancelled
    /// The host's name did not resolve.
    case nameNotResolved = "name_not_resolved"
    /// No address of the host accepted a connection.
    case connectionFailed = "connection_failed"
    /// The connection was not there in time.
    case connectTimeout = "connect_timeout"
    /// No secure connection: certificate, protocol, or the handshake broke.
    case tlsFailed = "tls_failed"
    /// The proxy did not let us through.
    case proxyFailed = "proxy_failed"
    /// The connection was lost before the body began.
    case connectionLost = "connection_lost"
    /// The request could not be formed: a base URL or token that no request can carry, or the client is shut down.
    case invalidRequest = "invalid_request"
}
