package import PostgresClient

/// Records which master key seals the secrets, unless one is recorded, and returns the id of the one that counts.
package struct RecordMasterKey: Statement {
    /// `MasterKey.id`.
    package var id: String

    package init(_ id: String) {
        self.id = id
    }

    package static let sql = """
        /* RecordMasterKey */
        UPDATE meshmill.installation
        SET master_key_id = coalesce(master_key_id, $1)
        RETURNING master_key_id
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(id)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
