package import Logging

/// A database, through a pool of connections that are opened when needed and lent to one task at a time.
package final class PostgresClient: Sendable {
    let pool: ConnectionPool
    let logger: Logger

    /// Limits and times; `connectionString` in it may hold a password.
    package var configuration: PostgresConfiguration { pool.configuration }

    /// Makes a client.
    ///
    /// Nothing is connected before the first call.
    package init(configuration: PostgresConfiguration, logger: Logger) {
        self.logger = logger
        pool = ConnectionPool(configuration: configuration, logger: logger)
    }

    /// Borrows a connection for the length of `body`.
    ///
    /// A transaction that `body` leaves open is rolled back, with its connection closed.
    ///
    /// The `deadline` (nil: the configuration's `callTimeout` from now) is for the wait for a connection; statements
    /// within `body` have their own.
    ///
    /// - Throws: what `body` throws; `PostgresError` with code `poolTimedOut`, `poolExhausted`, `connectFailed` or
    ///   `clientClosed`; `CancellationError`.
    package func withConnection<T>(
        deadline: ContinuousClock.Instant? = nil,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        let connection = try await pool.acquire(deadline: deadline ?? .now.advanced(by: configuration.callTimeout))
        do {
            let value = try await body(connection)
            await pool.release(connection)
            return value
        } catch {
            await pool.release(connection)
            throw error
        }
    }

    /// Runs a statement on any connection and returns its rows.
    ///
    /// The `timeout` (nil: the configuration's `callTimeout`) is for the wait for a connection and the statement
    /// together.
    ///
    /// - Throws: like `withConnection`; `PostgresError` of the statement.
    package func query<S: Statement>(_ statement: S, timeout: Duration? = nil) async throws -> [S.Row] {
        try await run(statement, timeout: timeout).rows
    }

    /// Runs a statement on any connection and returns how many rows it touched.
    ///
    /// - Throws: like `query`.
    @discardableResult
    package func execute(_ statement: some Statement, timeout: Duration? = nil) async throws -> Int {
        try await run(statement, timeout: timeout).rowsAffected
    }

    /// Runs a statement on any connection and returns all that came back, warnings included.
    ///
    /// - Throws: like `query`.
    package func run<S: Statement>(_ statement: S, timeout: Duration? = nil) async throws -> PostgresResult<S.Row> {
        let deadline = ContinuousClock.now.advanced(by: timeout ?? configuration.callTimeout)
        while true {
            let connection = try await pool.acquireUnseen(deadline: deadline)
            let visit = await connection.visit(statement, deadline: deadline)
            await pool.release(connection, isReusable: visit.isReusable)
            if let result = visit.result { return try result.get() }
        }
    }

    /// Turns new callers away, closes idle connections, and returns when the borrowed ones are back.
    package func close() async {
        await pool.close()
    }
}
