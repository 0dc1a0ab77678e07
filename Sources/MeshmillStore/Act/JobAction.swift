import PostgresClient

/// What a person may do to jobs.
package enum JobAction: String, Sendable, CaseIterable, PostgresEncodable {
    /// Runs failed, cancelled and held jobs again with fresh attempts.
    case retry
    /// Cancels what has not ended.
    case cancel
    /// Holds what is queued or scheduled.
    case hold
    /// Queues what is held.
    case release
}
