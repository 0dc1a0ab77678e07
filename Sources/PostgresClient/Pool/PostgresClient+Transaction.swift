import Logging

extension PostgresClient {
    /// Begins a transaction, runs `body`, commits; rolls back if `body` throws.
    ///
    /// Where the server undid the transaction because of others (`40001`, `40P01`), `body` runs again on a new
    /// transaction after a short random wait, so it must have no effect outside of the database that may not be
    /// repeated. It also runs again when an idle connection turns out broken at BEGIN, or prepared statements stale.
    ///
    /// `body` runs at most `attempts` times.
    ///
    /// - Throws: what `body` throws; `PostgresError`, with code `commitUnknown` if COMMIT was sent and did not come
    ///   back clean; like `withConnection` otherwise.
    package func withTransaction<T>(
        _ options: PostgresTransactionOptions = PostgresTransactionOptions(),
        attempts: Int = 5,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        precondition(attempts > 0, "a transaction is attempted at least once")
        var attempt = 1
        while true {
            var hasBegun = false
            do {
                return try await withConnection { connection in
                    try await connection.withTransaction(options) {
                        hasBegun = true
                        return try await body(connection)
                    }
                }
            } catch let error as PostgresError where attempt < attempts && error.isCuredByRunningAgain(hasBegun) {
                logger.debug("transaction attempt \(attempt) of \(attempts) was undone: \(error)")
                try await Task.sleep(for: Self.pause(afterAttempt: attempt))
                attempt += 1
            }
        }
    }

    /// A random wait, longer after each attempt, so that those who collided do not meet again.
    ///
    /// Attempt 1: 5–10 ms, 2: 10–20 ms, 4: 40–80 ms, never above 500 ms.
    static func pause(afterAttempt attempt: Int) -> Duration {
        let most = min(10.0 * Double(1 << min(attempt - 1, 10)), 500)
        return .milliseconds(Double.random(in: most / 2...most))
    }
}

extension PostgresError {
    /// Whether nothing took effect and running the transaction again promises better.
    fileprivate func isCuredByRunningAgain(_ hasBegun: Bool) -> Bool {
        if code == .server && (isTransactionConflict || isStaleStatement) { return true }
        // Before BEGIN was answered nothing of the body was sent. Not when no server lets us in: that is for callers.
        return !hasBegun && isConnectionFailure && code != .connectFailed
    }
}
