package import PostgresClient

/// Jobs by id, those that were put away as well, a page at a time.
package struct ListJobs: Statement {
    /// Only these; nil: all.
    package var ids: [Int64]?
    /// Only this batch's; nil: all.
    package var batchID: Int64?
    /// Only those with one of these statuses; nil: all.
    package var statuses: [String]?
    /// The last id of the page before; 0: the first page.
    package var after: Int64
    package var limit: Int

    package init(
        ids: [Int64]? = nil,
        batchID: Int64? = nil,
        statuses: [String]? = nil,
        after: Int64 = 0,
        limit: Int = 1_000
    ) {
        self.ids = ids
        self.batchID = batchID
        self.statuses = statuses
        self.after = after
        self.limit = limit
    }

    // The page is chosen on the table first, so that the view's look-ups are made for its rows only.
    package static let sql = """
        /* ListJobs */
        SELECT \(JobOverview.columns)
        FROM ops.jobs AS j
        WHERE j.job_id = ANY (ARRAY(
            SELECT p.id
            FROM meshmill.all_jobs AS p
            WHERE p.id > $4
              AND ($1::bigint[] IS NULL OR p.id = ANY ($1))
              AND ($2::bigint IS NULL OR p.batch_id = $2)
              AND ($3::text[] IS NULL OR p.state::text = ANY ($3))
            ORDER BY p.id
            LIMIT $5))
        ORDER BY j.job_id
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(ids)
        parameters.append(batchID)
        parameters.append(statuses)
        parameters.append(after)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> JobOverview {
        try JobOverview(&row)
    }
}
