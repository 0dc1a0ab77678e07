package import PostgresClient

/// What the server says of itself, as far as it matters for safety.
package struct ReadServerFacts: Statement {
    package struct Row: Sendable, Hashable {
        /// As in `150004`.
        package var versionNumber: Int
        package var version: String
        package var fsync: Bool
        package var fullPageWrites: Bool
        package var synchronousCommit: String
        package var autovacuum: Bool
        package var isReadOnly: Bool
        package var maximumConnections: Int
        /// Connections of everybody, to every database.
        package var connections: Int
        /// Whether this connection is encrypted, and whether it leaves this machine.
        package var isEncrypted: Bool
        package var isRemote: Bool
        /// What this connection is encrypted with, as in `TLSv1.3`; nil: it is not, or that is not known.
        package var encryption: String?
        /// The oldest that the server takes, as in `TLSv1.2`; empty: any.
        package var oldestEncryption: String
        package var now: PostgresTimestamp
        /// How far tests have moved `meshmill.clock()`; zero in production.
        package var clockShift: Duration
        /// The data folder's size in this database, in bytes.
        package var databaseBytes: Int64
    }

    package init() {}

    package static let sql = """
        /* ReadServerFacts */
        SELECT current_setting('server_version_num')::bigint,
               current_setting('server_version'),
               current_setting('fsync')::boolean,
               current_setting('full_page_writes')::boolean,
               current_setting('synchronous_commit'),
               current_setting('autovacuum')::boolean,
               pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean,
               current_setting('max_connections')::bigint,
               (SELECT count(*) FROM pg_stat_activity AS a WHERE a.backend_type = 'client backend'),
               coalesce((SELECT s.ssl FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()), false),
               inet_server_addr() IS NOT NULL AND NOT inet_server_addr() <<= '127.0.0.0/8'
                   AND inet_server_addr() <> '::1',
               (SELECT s.version FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()),
               current_setting('ssl_min_protocol_version'),
               clock_timestamp(),
               (SELECT o.shift FROM meshmill.clock_offset AS o),
               pg_database_size(current_database())
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            versionNumber: Int(try row.next(Int64.self)),
            version: try row.next(),
            fsync: try row.next(),
            fullPageWrites: try row.next(),
            synchronousCommit: try row.next(),
            autovacuum: try row.next(),
            isReadOnly: try row.next(),
            maximumConnections: Int(try row.next(Int64.self)),
            connections: Int(try row.next(Int64.self)),
            isEncrypted: try row.next(),
            isRemote: try row.next(),
            encryption: try row.next(),
            oldestEncryption: try row.next(),
            now: try row.next(),
            clockShift: try row.next(),
            databaseBytes: try row.next()
        )
    }
}
