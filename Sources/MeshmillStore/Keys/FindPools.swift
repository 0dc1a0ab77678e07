import PostgresClient

/// Which of these pools exist.
struct FindPools: Statement {
    let names: [String]

    static let sql = """
        /* FindPools */
        SELECT name
        FROM meshmill.pools
        WHERE name = ANY ($1::text[])
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(names)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
