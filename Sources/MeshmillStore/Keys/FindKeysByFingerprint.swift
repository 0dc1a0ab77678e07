import PostgresClient

/// The keys that have these secrets already, removed ones included.
struct FindKeysByFingerprint: Statement {
    struct Row: Sendable {
        var id: Int64
        var fingerprint: String
        var name: String
        var isRemoved: Bool
    }

    let fingerprints: [String]

    static let sql = """
        /* FindKeysByFingerprint */
        SELECT k.id, s.fingerprint, k.name, k.state = 'removed'
        FROM meshmill.key_secrets AS s
        JOIN meshmill.keys AS k ON k.id = s.key_id
        WHERE s.fingerprint = ANY ($1::text[])
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(fingerprints)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            fingerprint: try row.next(),
            name: try row.next(),
            isRemoved: try row.next()
        )
    }
}
