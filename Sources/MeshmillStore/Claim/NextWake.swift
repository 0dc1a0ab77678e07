package import PostgresClient

/// How long until a slot, a scheduled job and the breaker's probe come due.
///
/// - Returns: one row.
package struct NextWake: Statement {
    package static let sql = """
        /* NextWake */
        SELECT slot_in, scheduled_in, probe_in FROM meshmill.next_wake($1::bigint, $2::bigint, $3::interval)
        """

    /// Times until something comes due; not positive is due now, `nil` is nothing of the kind.
    package struct Row: Sendable, Hashable {
        package let slotIn: Duration?
        package let scheduledIn: Duration?
        package let probeIn: Duration?
    }

    package var pool: Int64?
    package var batch: Int64?
    /// How long ago the claim that found too little was sent.
    package var since: Duration

    package init(pool: Int64?, batch: Int64?, since: Duration) {
        self.pool = pool
        self.batch = batch
        self.since = since
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(pool)
        parameters.append(batch)
        // What travels more slowly than the claim did must still look back behind it.
        parameters.append(since * 2 + .milliseconds(10))
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(slotIn: try row.next(), scheduledIn: try row.next(), probeIn: try row.next())
    }
}
