/// Where the server is, and what a call may cost.
package struct PostgresConfiguration: Sendable {
    /// A conninfo string or a `postgresql://` URI; empty for libpq's own environment (`PGHOST`, `PGSERVICE`, …).
    ///
    /// Several hosts may be named; the first that fits `target_session_attrs` is taken, and if that is not given, the
    /// first that accepts writes. May hold a password: never log it.
    package var connectionString: String

    /// The name shown in `pg_stat_activity`, unless the connection string gives one.
    package var applicationName = "meshmill"

    /// The most connections open at once, at least 1.
    package var maximumConnections = 8

    /// The most callers that may wait for a connection.
    package var maximumWaiters = 4_096

    /// How long one host may take to let us in, unless the connection string says (`connect_timeout`).
    package var connectTimeout: Duration = .seconds(5)

    /// How long a call may take if it does not say, waiting for a connection included.
    package var callTimeout: Duration = .seconds(30)

    /// How long a connection nobody uses stays open.
    package var idleTimeout: Duration = .seconds(60)

    /// A configuration with the defaults above.
    package init(connectionString: String) {
        self.connectionString = connectionString
    }
}
