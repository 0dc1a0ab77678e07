package import FoundationEssentials
package import PostgresClient

/// The workers that run or were lost, newest first, at most 1,000.
package struct ListWorkers: Statement {
    package init() {}

    package struct Row: Sendable, Hashable {
        package var id: UUID
        /// Host and process id.
        package var name: String
        /// `running` or `lost`.
        package var status: String
        package var version: String
        /// Jobs that it has in flight.
        package var jobs: Int64
        package var startedAt: PostgresTimestamp
        package var leaseUntil: PostgresTimestamp
        /// How far its host's clock is ahead of the database's; nil: not compared.
        package var clockSkew: Duration?
    }

    package static let sql = """
        /* ListWorkers */
        SELECT worker_id, worker, status, version, jobs, started_at, lease_until, clock_skew
        FROM ops.workers
        WHERE status <> 'stopped'
          -- One that was lost long ago and has no job left is history.
          AND (status = 'running' OR jobs > 0 OR lease_until > meshmill.clock() - interval '1 hour')
        ORDER BY started_at DESC, worker_id
        LIMIT 1000
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            name: try row.next(),
            status: try row.next(),
            version: try row.next(),
            jobs: try row.next(),
            startedAt: try row.next(),
            leaseUntil: try row.next(),
            clockSkew: try row.next()
        )
    }
}
