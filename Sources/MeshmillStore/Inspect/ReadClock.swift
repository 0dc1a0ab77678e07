package import PostgresClient

/// The only clock of scheduling decisions: the database's.
package struct ReadClock: Statement {
    package init() {}

    package static let sql = """
        /* ReadClock */
        SELECT meshmill.clock()
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> PostgresTimestamp {
        try row.next()
    }
}
