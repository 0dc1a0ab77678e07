package import PostgresClient

/// Takes over greater limits of keys that 429s named one clean window ago; the row is how many.
package struct GrowLimits: Statement {
    package init() {}

    package static let sql = """
        /* GrowLimits */
        SELECT meshmill.grow_limits()
        """

    package func bind(to parameters: inout PostgresParameters) {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        try row.next()
    }
}
