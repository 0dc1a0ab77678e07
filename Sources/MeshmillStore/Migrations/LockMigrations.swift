import PostgresClient

/// Lets one process at a time migrate, until its transaction ends.
///
/// An advisory lock of the transaction, which also holds behind a pooler.
struct LockMigrations: Statement {
    static let sql = """
        /* LockMigrations */
        SELECT pg_advisory_xact_lock(hashtextextended('meshmill.migrations', 0))
        """
}
