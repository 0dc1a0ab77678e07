package import Foundation
package import PostgresClient

/// Compares the database server with what was last seen of it, and its clock with this host's.
///
/// A restore or failover puts all keys in quarantine for one window, in the same transaction.
package struct WatchServer: Statement {
    package struct Row: Sendable, Hashable {
        /// Which installation this is.
        package let installation: UUID
        /// Grows with each look; to be remembered, and told the next time.
        package let writes: Int64
        /// The server's own clock, without the offset of tests.
        package let serverClock: PostgresTimestamp
        /// How far this host's clock is ahead.
        package let skew: Duration
        /// The restore or failover that was noticed; `nil` on good days.
        package let change: String?
    }

    package var worker: UUID
    /// This host's clock.
    package var clock: PostgresTimestamp
    /// What the last look returned; `nil` if nothing is remembered.
    package var writes: Int64?

    package init(worker: UUID, clock: PostgresTimestamp, writes: Int64?) {
        self.worker = worker
        self.clock = clock
        self.writes = writes
    }

    package static let sql = """
        /* WatchServer */
        SELECT installation, writes, server_clock, skew, change
        FROM meshmill.watch_server($1::uuid, $2::timestamptz, $3::bigint)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(clock)
        parameters.append(writes)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            installation: try row.next(),
            writes: try row.next(),
            serverClock: try row.next(),
            skew: try row.next(),
            change: try row.next()
        )
    }
}
