package import PostgresClient

/// Takes back what an audit entry did, and returns the id of the new entry.
///
/// - Throws: the server's `P0002` if there is no such entry, and its check violation if it cannot be taken back, was
///   already, or was changed since.
package struct Undo: Statement {
    package var auditID: Int64
    package var reason: String?

    package init(auditID: Int64, reason: String? = nil) {
        self.auditID = auditID
        self.reason = reason
    }

    package static let sql = """
        /* Undo */
        SELECT ops.undo($1, $2)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(auditID)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
