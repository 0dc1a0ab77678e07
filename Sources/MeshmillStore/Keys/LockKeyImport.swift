import PostgresClient

/// Lets one import of keys run at a time, until its transaction ends: two with the same secret would collide.
struct LockKeyImport: Statement {
    static let sql = """
        /* LockKeyImport */
        SELECT pg_advisory_xact_lock(hashtextextended('meshmill.key_import', 0))
        """
}
