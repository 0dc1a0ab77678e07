package import PostgresClient

/// The roles of Meshmill that the cluster does not have: whoever migrated may not make them.
package struct ListMissingRoles: Statement {
    package init() {}

    package static let sql = """
        /* ListMissingRoles */
        SELECT r.name
        FROM unnest(ARRAY['meshmill_owner', 'meshmill_worker', 'meshmill_viewer', 'meshmill_operator',
            'meshmill_admin']) WITH ORDINALITY AS r (name, ord)
        WHERE to_regrole(r.name) IS NULL
        ORDER BY r.ord
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
