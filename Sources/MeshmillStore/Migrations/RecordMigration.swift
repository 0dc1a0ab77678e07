import PostgresClient

/// Remembers that a migration was applied.
struct RecordMigration: Statement {
    let migration: Migration

    static let sql = """
        /* RecordMigration */
        INSERT INTO meshmill.migrations (name, checksum)
        VALUES ($1, $2)
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(migration.name)
        parameters.append(migration.checksum)
    }
}
