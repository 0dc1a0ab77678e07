import PostgresClient

/// Tells whether a database has Meshmill's list of migrations, and whether it has anything at all.
struct InspectDatabase: Statement {
    struct Row: Sendable {
        var hasMigrations: Bool
        var isEmpty: Bool
    }

    static let sql = """
        /* InspectDatabase */
        SELECT to_regclass('meshmill.migrations') IS NOT NULL,
               NOT EXISTS (
                   SELECT 1
                   FROM pg_class AS c
                   JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
                     AND c.relpersistence <> 't'
                     -- An extension's tables are the server's affair.
                     AND NOT EXISTS (
                         SELECT 1 FROM pg_depend AS d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
        """

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(hasMigrations: try row.next(), isEmpty: try row.next())
    }
}
