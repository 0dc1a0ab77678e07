package import PostgresClient

/// Ends a rotation of the master key; the row is how many secrets another master key still seals: 0 if it ended.
package struct FinishRewrap: Statement {
    let from: String
    let to: String

    package static let sql = """
        /* FinishRewrap */
        SELECT meshmill.finish_rewrap($1, $2, NULL)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(from)
        parameters.append(to)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
