/// Why Meshmill's own PostgreSQL could not be used.
package struct PrivatePostgresError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// No PostgreSQL server is installed, or not the version the data belongs to.
        case missingBinaries = "missing_binaries"
        /// Run as root, and there is no other account to run the server.
        case missingAccount = "missing_account"
        /// A folder belongs to somebody else or cannot be made.
        case permission
        /// The cluster could not be made.
        case initFailed = "init_failed"
        /// The server did not start.
        case startFailed = "start_failed"
        /// The server did not stop.
        case stopFailed = "stop_failed"
        /// Another process held the cluster's lock for too long.
        case locked
    }

    package var code: Code
    /// The cause in one line.
    package var message: String
    /// The cure in one line.
    package var hint: String

    init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { "private PostgreSQL: \(message); \(hint)" }
}
