package import PostgresClient

/// The jobs of a batch in the order of their outputs, a page at a time, one row for each job.
///
/// The order is that of the outputs' own index, so a page costs the same wherever it lies.
package struct ExportJobs: Statement {
    package var batchID: Int64
    /// The last output of the page before, relative; empty: the first page.
    package var after: String
    package var limit: Int

    package init(batchID: Int64, after: String = "", limit: Int = 1_000) {
        self.batchID = batchID
        self.after = after
        self.limit = limit
    }

    package struct Row: Sendable, Hashable {
        /// The job's first output, relative, for the next page.
        package var cursor: String
        package var job: JobOverview
    }

    package static let sql = """
        /* ExportJobs */
        SELECT p.output, \(JobOverview.columns)
        FROM (
            SELECT o.output, o.job_id
            FROM meshmill.outputs AS o
            WHERE o.batch_id = $1 AND o.output > $2
              -- One look a row, here and below: joins would be planned for a tenth of the table, page after page.
              AND (SELECT true FROM meshmill.outputs AS f
                   WHERE f.job_id = o.job_id AND f.output < o.output LIMIT 1) IS NULL
            ORDER BY o.output
            LIMIT $3
        ) AS p
        CROSS JOIN LATERAL (SELECT v.* FROM ops.jobs AS v WHERE v.job_id = p.job_id LIMIT 1) AS j
        ORDER BY p.output, j.job_id
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
        parameters.append(after)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(cursor: try row.next(), job: try JobOverview(&row))
    }
}
