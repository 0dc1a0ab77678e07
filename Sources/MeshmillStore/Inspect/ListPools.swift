package import PostgresClient

/// The pools by name.
package struct ListPools: Statement {
    package init() {}

    package struct Row: Sendable, Hashable {
        package var name: String
        /// `active` or `paused`.
        package var status: String
        package var keys: Int64
        package var activeKeys: Int64
        package var tenants: Int64
        /// The earliest instant of the next POST with any of its keys; nil: none is active.
        package var nextPostAt: PostgresTimestamp?
    }

    package static let sql = """
        /* ListPools */
        SELECT pool, status, keys, active_keys, tenants, next_post_at
        FROM ops.pools
        ORDER BY pool
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            name: try row.next(),
            status: try row.next(),
            keys: try row.next(),
            activeKeys: try row.next(),
            tenants: try row.next(),
            nextPostAt: try row.next()
        )
    }
}
