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
        SELECT meshmill.set_batch_paused($1, $2, $3)
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
