package import PostgresClient

/// The least margin of the keys in use.
///
/// A step of the clock matters from half of it on. No row without keys.
package struct ReadLeastMargin: Statement {
    package init() {}

    package static let sql = """
        /* ReadLeastMargin */
        SELECT min(margin) FROM meshmill.keys WHERE state <> 'removed' HAVING count(*) > 0
        """

    package func bind(to parameters: inout PostgresParameters) {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Duration {
        try row.next()
    }
}
