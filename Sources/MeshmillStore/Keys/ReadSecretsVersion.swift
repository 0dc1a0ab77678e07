import PostgresClient

/// A number that grows when a sealed secret or the master key changes.
struct ReadSecretsVersion: Statement {
    static let sql = """
        /* ReadSecretsVersion */
        SELECT secrets_version
        FROM meshmill.installation
        """

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
