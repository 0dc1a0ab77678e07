package import PostgresClient

/// Outputs of a batch whose file was put in place, a page at a time.
package struct ListPublishedOutputs: Statement {
    package static let sql = """
        /* ListPublishedOutputs */
        SELECT o.output
        FROM meshmill.outputs AS o
        WHERE o.batch_id = $1 AND o.output > $2 AND o.published_at IS NOT NULL
        ORDER BY o.output
        LIMIT $3
        """

    package var batchID: Int64
    /// The last output of the page before; empty: the first page.
    package var after: String
    package var limit: Int

    package init(batchID: Int64, after: String = "", limit: Int = 1_000) {
        self.batchID = batchID
        self.after = after
        self.limit = limit
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
        parameters.append(after)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String { try row.next() }
}
