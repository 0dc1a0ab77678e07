import PostgresClient

/// Draws ids for new keys, since a secret is sealed together with the id of its key.
struct ReserveKeyIDs: Statement {
    let count: Int

    static let sql = """
        /* ReserveKeyIDs */
        SELECT nextval(pg_get_serial_sequence('meshmill.keys', 'id'))
        FROM generate_series(1, $1::integer)
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(count)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
