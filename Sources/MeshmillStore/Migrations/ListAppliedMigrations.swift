import PostgresClient

/// The migrations that a database has, ordered by name.
struct ListAppliedMigrations: Statement {
    static let sql = """
        /* ListAppliedMigrations */
        SELECT name, checksum
        FROM meshmill.migrations
        ORDER BY name
        """

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> AppliedMigration {
        AppliedMigration(name: try row.next(), checksum: try row.next())
    }
}
