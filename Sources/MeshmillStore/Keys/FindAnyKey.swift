package import PostgresClient

/// The id of some key, active ones first.
///
/// - Returns: one row, or none if there is no key.
package struct FindAnyKey: Statement {
    package static let sql = """
        /* FindAnyKey */
        SELECT k.id FROM meshmill.keys AS k WHERE k.state <> 'removed' ORDER BY k.state <> 'active', k.id LIMIT 1
        """

    package init() {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 { try row.next() }
}
