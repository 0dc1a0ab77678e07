package import PostgresClient

/// The id of a pool.
///
/// - Returns: one row, or none if there is no pool of that name.
package struct FindPool: Statement {
    package static let sql = "/* FindPool */ SELECT id FROM meshmill.pools WHERE name = $1"

    package var name: String

    package init(name: String) { self.name = name }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(name) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 { try row.next() }
}
