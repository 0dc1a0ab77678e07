package import PostgresClient

/// Does something to up to `limit` jobs of a batch that it applies to, and returns how many those were.
///
/// Called again until it returns 0, so that no transaction is long. Batches as a whole are held and released by
/// ``SetBatchPaused``.
///
/// - Throws: the server's `P0002` if there is no such batch.
package struct ActOnBatch: Statement {
    /// Not `hold`, which is the batch's own.
    package var action: JobAction
    package var batchID: Int64
    package var limit: Int
    package var reason: String?

    package init(_ action: JobAction, batchID: Int64, limit: Int = 10_000, reason: String? = nil) {
        self.action = action
        self.batchID = batchID
        self.limit = limit
        self.reason = reason
    }

    package static let sql = """
        /* ActOnBatch */
        SELECT meshmill.act_on_batch($1, $2, $3, $4)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(action)
        parameters.append(batchID)
        parameters.append(limit)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
