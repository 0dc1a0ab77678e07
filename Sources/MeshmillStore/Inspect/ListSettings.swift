package import PostgresClient

/// The settings that differ from their defaults.
package struct ListSettings: Statement {
    /// One setting.
    package struct Row: Sendable, Hashable {
        package var name: String
        /// As typed, for example `30s`.
        package var value: String
        package var updatedAt: PostgresTimestamp
    }

    package static let sql = """
        /* ListSettings */
        SELECT name, value, updated_at
        FROM meshmill.settings
        ORDER BY name
        """

    package init() {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(name: try row.next(), value: try row.next(), updatedAt: try row.next())
    }
}
