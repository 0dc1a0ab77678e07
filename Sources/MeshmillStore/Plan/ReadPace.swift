package import PostgresClient

/// How long the latest POSTs and generations took, and how many POSTs came to nothing.
///
/// - Returns: one row; with nil where nothing was measured yet.
package struct ReadPace: Statement {
    /// Attempts that are looked at, the latest ones.
    static let sample = 2_000

    package struct Row: Sendable, Hashable {
        /// Median from the claim to the answer.
        package var answer: Duration?
        /// From the answers to the finished files, some hundred of them.
        package var generations: [Duration]
        /// Share of the answered POSTs that the provider failed, 0 to 1.
        package var wasted: Double
    }

    package init() {}

    package static let sql = """
        /* ReadPace */
        WITH latest AS MATERIALIZED (
            SELECT a.state, a.claimed_at, a.answered_at, a.ended_at, a.http_status
            FROM meshmill.attempts AS a ORDER BY a.id DESC LIMIT \(sample)
        )
        SELECT (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY l.answered_at - l.claimed_at)
                FROM latest AS l WHERE l.answered_at IS NOT NULL),
               ARRAY(SELECT extract(epoch FROM l.ended_at - l.answered_at)::double precision
                     FROM latest AS l WHERE l.state = 'completed' LIMIT 500),
               (SELECT coalesce(avg((l.http_status >= 500 OR l.state = 'failed')::integer), 0)::double precision
                FROM latest AS l WHERE l.answered_at IS NOT NULL)
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            answer: try row.next(),
            generations: try row.next([Double].self).map { .seconds($0) },
            wasted: try row.next()
        )
    }
}
