package import PostgresClient

/// Who keeps the server from forgetting old row versions: snapshots, prepared transactions, replication slots.
///
/// Only those older than a minute, oldest first. Without the right to see other sessions their names are missing.
package struct ListHorizonHolders: Statement {
    package struct Row: Sendable, Hashable {
        /// `session`, `prepared transaction` or `replication slot`.
        package var kind: String
        /// The session's process id, else the transaction's or slot's name.
        package var name: String
        /// User, program and address, as far as they may be seen.
        package var who: String
        /// Since when its transaction runs; nil: not known.
        package var age: Duration?
        /// `idle in transaction`, `active` and so on.
        package var state: String
    }

    package init() {}

    package static let sql = """
        /* ListHorizonHolders */
        SELECT h.kind, h.name, h.who, h.age, h.state
        FROM (
            SELECT 'session' AS kind, a.pid::text AS name,
                   concat_ws(' ', a.usename, nullif(a.application_name, ''), host(a.client_addr)) AS who,
                   clock_timestamp() - a.xact_start AS age, coalesce(a.state, '') AS state
            FROM pg_stat_activity AS a
            WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
              AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
              AND a.backend_type = 'client backend'
            UNION ALL
            SELECT 'prepared transaction', p.gid, p.owner, clock_timestamp() - p.prepared, ''
            FROM pg_prepared_xacts AS p
            UNION ALL
            SELECT 'replication slot', s.slot_name, coalesce(s.plugin, 'physical'), NULL,
                   CASE WHEN s.active THEN 'active' ELSE 'inactive' END
            FROM pg_replication_slots AS s
            WHERE NOT s.active AND (s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL)
        ) AS h
        WHERE h.age IS NULL OR h.age > interval '1 minute'
        ORDER BY h.age DESC NULLS LAST
        LIMIT 10
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            kind: try row.next(),
            name: try row.next(),
            who: try row.next(),
            age: try row.next(),
            state: try row.next()
        )
    }
}
