package import PostgresClient

/// Gives all keys a margin and rebuilds their slots; the row is how many keys that were.
package struct SetMargin: Statement {
    /// Nil takes the standard margin of each key's window.
    package var margin: Duration?

    package init(_ margin: Duration?) {
        self.margin = margin
    }

    package static let sql = """
        /* SetMargin */
        SELECT meshmill.set_margin($1)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(margin)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        try row.next()
    }
}
