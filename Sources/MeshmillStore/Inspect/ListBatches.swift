package import PostgresClient

/// The batches, newest first, a page at a time.
package struct ListBatches: Statement {
    /// Only this batch; nil: all.
    package var id: Int64?
    /// Whether finished batches are listed as well.
    package var includesFinished: Bool
    /// The last id of the page before; nil: the first page.
    package var before: Int64?
    package var limit: Int

    package init(id: Int64? = nil, includesFinished: Bool = true, before: Int64? = nil, limit: Int = 100) {
        self.id = id
        self.includesFinished = includesFinished
        self.before = before
        self.limit = limit
    }

    package static let sql = """
        /* ListBatches */
        SELECT \(BatchOverview.columns)
        FROM ops.batches AS b
        WHERE ($1::bigint IS NULL OR b.batch_id = $1)
          AND ($2 OR b.status <> 'finished')
          AND ($3::bigint IS NULL OR b.batch_id < $3)
        ORDER BY b.batch_id DESC
        LIMIT $4
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(id)
        parameters.append(includesFinished)
        parameters.append(before)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> BatchOverview {
        try BatchOverview(&row)
    }
}
