package import PostgresClient

/// The provider-wide stop.
package struct ReadBreaker: Statement {
    package init() {}

    package struct Row: Sendable, Hashable {
        package var isOpen: Bool
        /// When the next probe may be sent; nil while closed.
        package var probeAt: PostgresTimestamp?
        /// End of the limit on POSTs in flight after it closed; nil: no limit.
        package var rampUntil: PostgresTimestamp?
        /// The last provider failure; nil while closed.
        package var reason: String?
        package var changedAt: PostgresTimestamp
    }

    package static let sql = """
        /* ReadBreaker */
        SELECT is_open, probe_at, CASE WHEN ramp_until > meshmill.clock() THEN ramp_until END, reason, changed_at
        FROM meshmill.breaker
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            isOpen: try row.next(),
            probeAt: try row.next(),
            rampUntil: try row.next(),
            reason: try row.next(),
            changedAt: try row.next()
        )
    }
}
