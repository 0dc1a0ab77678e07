extension PostgresError {
    /// The error for one server that did not let us in.
    ///
    /// `said` is libpq's message in its verbose form, where a server's error starts with `FATAL:  53300: `.
    static func connecting(to target: ConnectionTarget, said: String) -> PostgresError {
        var cause = said.split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("LOCATION:") && !$0.hasPrefix("\tIs the server running") }
            .joined(separator: " ").singleLine()
        var state: SQLState?
        // Every SQLSTATE has a digit; `FATAL` has none.
        if let match = cause.firstMatch(of: #/: (?=[A-Z]*[0-9])([0-9A-Z]{5}): /#) {
            state = SQLState(String(match.1))
            cause.replaceSubrange(match.range, with: ": ")
        }
        let database = target.parameters["dbname"].map { ", database \($0)" } ?? ""
        return PostgresError(
            .connectFailed,
            "cannot connect to \(target.place)\(database): \(cause)".singleLine(),
            sqlState: state,
            hint: cure(for: state)
        )
    }

    /// One error out of those of all servers tried.
    static func noneLetUsIn(_ failures: [PostgresError]) -> PostgresError {
        // A server that is full or starting is worth waiting for, whatever the others said.
        var error =
            failures.first { $0.isWorthWaitingFor } ?? failures.first
            ?? PostgresError(.connectFailed, "the connection string names no server")
        if failures.count > 1 { error.message = failures.map(\.message).joined(separator: "; ") }
        return error
    }

    /// Whether connecting failed for a reason that passes by itself soon: no room, or a server that is starting.
    var isWorthWaitingFor: Bool {
        code == .connectFailed && (sqlState == .tooManyConnections || sqlState == .cannotConnectNow)
    }

    private static func cure(for state: SQLState?) -> String {
        switch state {
        case .tooManyConnections: "close other clients, lower maximumConnections or raise the server's max_connections"
        case .cannotConnectNow: "the server is starting or stopping; try again shortly"
        case .invalidAuthorization: "check user and password, and the server's pg_hba.conf"
        case .unknownDatabase: "create the database (createdb) or correct its name"
        case .insufficientPrivilege: "grant CONNECT on the database to this role"
        default: "check that the server runs and that host, port and database are right"
        }
    }
}
