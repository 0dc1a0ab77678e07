/// A message by which the server comments on a statement without failing it.
package struct PostgresNotice: Sendable, Equatable {
    /// The server's untranslated severity: `DEBUG`, `LOG`, `INFO`, `NOTICE` or `WARNING`.
    package var severity: String
    package var sqlState: SQLState?
    /// The message as one line.
    package var message: String

    /// Whether the server warned, rather than informed.
    package var isWarning: Bool { severity == "WARNING" }

    /// Whether the server says good-bye: what it sends to an idle connection when it shuts down.
    var endsConnection: Bool {
        switch sqlState {
        case .adminShutdown, .crashShutdown, .cannotConnectNow, .idleSessionTimeout: true
        default: false
        }
    }
}
