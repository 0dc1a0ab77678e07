package import PostgresClient

/// The open batches that have something to do, by id.
package struct ReadForecastBatches: Statement {
    package struct Row: Sendable, Hashable {
        package var id: Int64
        package var tenantID: Int64
        /// Absolute path of the output folder.
        package var out: String
        /// Of the job that is next.
        package var priority: Int
        /// Jobs that need a POST, counted up to the cap.
        package var waiting: Int
        /// Jobs whose POST is out or whose generation is under way.
        package var running: Int
        /// Credits that `--max-credits` still allows; nil: no cap.
        package var creditsLeft: Int?
    }

    /// Waiting jobs of a batch beyond which nobody counts.
    package var cap: Int

    package init(cap: Int) { self.cap = cap }

    package static let sql = """
        /* ReadForecastBatches */
        SELECT b.id, b.tenant_id, b.out,
               coalesce((SELECT j.priority FROM meshmill.jobs AS j WHERE j.batch_id = b.id AND j.state = 'queued'
                         ORDER BY j.priority DESC, j.id + 0 LIMIT 1), 0),
               c.waiting, c.running,
               b.max_credits - b.used - b.reserved
        FROM meshmill.batches AS b
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(n.jobs) FILTER (WHERE n.state IN ('queued', 'scheduled')), 0)::bigint AS waiting,
                   coalesce(sum(n.jobs) FILTER (WHERE n.state IN ('submitting', 'generating', 'downloading')), 0)::bigint
                       AS running
            FROM meshmill.batch_counts(b.id, $1) AS n
        ) AS c
        WHERE b.state = 'open' AND c.waiting + c.running > 0
        ORDER BY b.id
        """

    package func bind(to parameters: inout PostgresParameters) { parameters.append(Int64(cap)) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            tenantID: try row.next(),
            out: try row.next(),
            priority: Int(try row.next(Int64.self)),
            waiting: Int(try row.next(Int64.self)),
            running: Int(try row.next(Int64.self)),
            creditsLeft: try row.next(Int64?.self).map(Int.init)
        )
    }
}
