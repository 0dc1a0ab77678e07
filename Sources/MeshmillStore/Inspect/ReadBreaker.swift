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
        /// What many keys met at once, if that opened it; nil otherwise.
        package var blame: String?
        /// Provider failures since the last answer that was none; three open it.
        package var failuresInRow: Int
        /// Provider failures among the last ten POSTs; five open it.
        package var recentFailures: Int
        /// How often it opened or stayed open since it last closed.
        package var openedTimes: Int
        package var changedAt: PostgresTimestamp
    }

    package static let sql = """
        /* ReadBreaker */
        SELECT is_open, probe_at, CASE WHEN ramp_until > meshmill.clock() THEN ramp_until END, reason, blame,
               failures_in_row, bit_count(recent)::integer, opened_times, changed_at
        FROM meshmill.breaker
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            isOpen: try row.next(),
            probeAt: try row.next(),
            rampUntil: try row.next(),
            reason: try row.next(),
            blame: try row.next(),
            failuresInRow: Int(try row.next(Int32.self)),
            recentFailures: Int(try row.next(Int32.self)),
            openedTimes: Int(try row.next(Int32.self)),
            changedAt: try row.next()
        )
    }
}
