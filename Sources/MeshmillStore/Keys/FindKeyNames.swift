import PostgresClient

/// Which of these names are taken, by keys with which id.
struct FindKeyNames: Statement {
    let names: [String]

    static let sql = """
        /* FindKeyNames */
        SELECT name, id
        FROM meshmill.keys
        WHERE name = ANY ($1::text[]) AND state <> 'removed'
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(names)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> (name: String, id: Int64) {
        (try row.next(), try row.next())
    }
}
