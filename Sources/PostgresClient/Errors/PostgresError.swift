/// What went wrong between this process and its PostgreSQL server, as a value to decide on.
///
/// `description` fits on one line and shows neither parameter values nor passwords; `debugDescription` adds the
/// server's detail, which may quote values of rows.
package struct PostgresError: Error, Sendable {
    /// The kind of failure; the raw value is fit for a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// The connection string could not be read.
        case invalidConnectionString = "invalid_connection_string"
        /// No server let us in: nothing was sent.
        case connectFailed = "connect_failed"
        /// The server answered with an error; see `sqlState`.
        case server
        /// The connection broke after a statement was sent, which may or may not have taken effect.
        case connectionLost = "connection_lost"
        /// The connection was closed or given up before this call: nothing was sent.
        case connectionClosed = "connection_closed"
        /// The connection is in the middle of a COPY or of another caller's work.
        case connectionBusy = "connection_busy"
        /// The call's deadline passed. The server was asked to stop the statement.
        case timedOut = "timed_out"
        /// No connection came free before the deadline.
        case poolTimedOut = "pool_timed_out"
        /// As many callers wait for a connection as the pool admits.
        case poolExhausted = "pool_exhausted"
        /// The client was closed.
        case clientClosed = "client_closed"
        /// COMMIT was sent and may or may not have taken effect; read again before acting on it.
        case commitUnknown = "commit_unknown"
        /// A column does not hold what the statement's row expects.
        case decodingFailed = "decoding_failed"
        /// A parameter cannot be sent: text with a NUL, or too many parameters.
        case invalidParameter = "invalid_parameter"
        /// The operating system refused a thread or a descriptor.
        case outOfResources = "out_of_resources"
        /// The server or a proxy answered something this client does not understand.
        case unexpectedAnswer = "unexpected_answer"
    }

    package var code: Code
    /// The server's SQLSTATE; nil if the server did not speak.
    package var sqlState: SQLState?
    /// The cause in one line.
    package var message: String
    /// The server's detail.
    ///
    /// May quote values of rows, so it is left out of `description`.
    package var detail: String?
    /// The cure, by the server or by us.
    package var hint: String?
    package var schema: String?
    package var table: String?
    package var column: String?
    package var constraint: String?
    /// The name of the statement type that failed; nil if the failure belongs to no statement.
    package var statement: String?

    package init(
        _ code: Code,
        _ message: String,
        sqlState: SQLState? = nil,
        hint: String? = nil,
        statement: String? = nil
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.hint = hint
        self.statement = statement
    }
}
