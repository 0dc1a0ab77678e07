package import PostgresClient

/// The settings that differ from their defaults.
package struct ListSettings: Statement {
    package static let sql = "/* ListSettings */ SELECT name, value FROM meshmill.settings ORDER BY name"

    package init() {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> (name: String, value: String) {
        (try row.next(), try row.next())
    }
}
