import PostgresClient

/// Remembers that a migration was applied, or the routines with their present text.
struct RecordMigration: Statement {
    let applied: AppliedMigration

    static let sql = """
        /* RecordMigration */
        INSERT INTO meshmill.migrations (name, checksum)
        VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = statement_timestamp()
        WHERE migrations.name = 'routines'
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(applied.name)
        parameters.append(applied.checksum)
    }
}
