package import PostgresClient

/// Sessions that others wait for, with how many and how long; most first.
package struct ListLockHolders: Statement {
    package struct Row: Sendable, Hashable {
        package var pid: Int64
        /// User, program and address, as far as they may be seen.
        package var who: String
        package var state: String
        package var waiting: Int64
        /// The longest wait so far.
        package var longest: Duration?
    }

    package init() {}

    package static let sql = """
        /* ListLockHolders */
        SELECT b.pid::bigint,
               concat_ws(' ', a.usename, nullif(a.application_name, ''), host(a.client_addr)),
               coalesce(a.state, ''), count(*), max(clock_timestamp() - w.state_change)
        FROM pg_stat_activity AS w
        CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid)
        LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
        WHERE w.datname = current_database() AND w.wait_event_type = 'Lock'
        GROUP BY b.pid, a.usename, a.application_name, a.client_addr, a.state
        ORDER BY count(*) DESC
        LIMIT 10
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            pid: try row.next(),
            who: try row.next(),
            state: try row.next(),
            waiting: try row.next(),
            longest: try row.next()
        )
    }
}
