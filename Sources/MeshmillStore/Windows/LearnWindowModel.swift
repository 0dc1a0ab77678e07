package import PostgresClient

/// Steps the window model of all keys if recent 429s ask for it; to be run after a 429.
///
/// - Returns: one row: the new model, `nil` when it stays.
package struct LearnWindowModel: Statement {
    package init() {}

    package static let sql = """
        /* LearnWindowModel */
        SELECT meshmill.learn_window_model()
        """

    package func bind(to parameters: inout PostgresParameters) {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String? {
        try row.next()
    }
}
