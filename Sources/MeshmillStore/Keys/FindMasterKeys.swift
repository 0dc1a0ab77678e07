import PostgresClient

/// Master keys that took another one's place, each sealed by the one before, oldest first.
struct FindMasterKeys: Statement {
    struct Row: Sendable {
        var fromID: String
        var toID: String
        var sealed: [UInt8]
    }

    static let sql = """
        /* FindMasterKeys */
        SELECT from_id, to_id, sealed
        FROM meshmill.master_key_secrets
        ORDER BY began_at, to_id
        """

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(fromID: try row.next(), toID: try row.next(), sealed: try row.next())
    }
}
