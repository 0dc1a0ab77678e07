package import PostgresClient

/// The newest failed and held jobs of some batches, a few of each, newest first.
package struct ListTroubles: Statement {
    package struct Row: Sendable, Hashable {
        package var jobID: Int64
        package var status: String
        package var code: String?
        package var error: String?
        /// Absolute path of the image; nil if another one took its place.
        package var source: String?
    }

    package var batchIDs: [Int64]
    /// Of each batch and status.
    package var limit: Int

    package init(batchIDs: [Int64], limit: Int = 20) {
        self.batchIDs = batchIDs
        self.limit = limit
    }

    package static let sql = """
        /* ListTroubles */
        SELECT j.id, j.state::text, j.error_code, j.error,
               (SELECT o.source FROM meshmill.outputs AS o WHERE o.job_id = j.id LIMIT 1)
        FROM unnest($1::bigint[]) AS b (id)
        CROSS JOIN (VALUES ('failed'::meshmill.job_state), ('held')) AS s (state)
        CROSS JOIN LATERAL (
            SELECT j.* FROM meshmill.jobs AS j
            WHERE j.batch_id = b.id AND j.state = s.state AND j.state IN ('completed', 'failed', 'cancelled', 'held')
            ORDER BY j.id DESC LIMIT $2
        ) AS j
        ORDER BY j.id DESC
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchIDs)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            jobID: try row.next(),
            status: try row.next(),
            code: try row.next(),
            error: try row.next(),
            source: try row.next()
        )
    }
}
