package import PostgresClient

/// Pauses a batch or opens it again, and returns its status.
///
/// - Throws: the server's `P0002` if there is no such batch.
package struct SetBatchPaused: Statement {
    package var batchID: Int64
    package var isPaused: Bool
    package var reason: String?

    package init(batchID: Int64, isPaused: Bool, reason: String? = nil) {
        self.batchID = batchID
        self.isPaused = isPaused
        self.reason = reason
    }

    package static let sql = """
        /* SetBatchPaused */
        SELECT CASE WHEN $2 THEN ops.hold_batch($1, $3) ELSE ops.open_batch($1, $3) END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
        parameters.append(isPaused)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
