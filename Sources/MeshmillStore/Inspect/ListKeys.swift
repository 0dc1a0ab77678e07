package import PostgresClient

/// The keys by name, a page at a time.
package struct ListKeys: Statement {
    /// Only the key with this name; nil: all.
    package var name: String?
    /// Whether removed keys are listed as well.
    package var includesRemoved: Bool
    /// The last name of the page before; nil: the first page.
    package var after: String?
    package var limit: Int

    /// A limit that no installation comes to.
    package static let all = 10_000_000

    package init(name: String? = nil, includesRemoved: Bool = false, after: String? = nil, limit: Int = 1_000) {
        self.name = name
        self.includesRemoved = includesRemoved
        self.after = after
        self.limit = limit
    }

    package static let sql = """
        /* ListKeys */
        SELECT \(KeyOverview.columns)
        FROM ops.keys AS k
        WHERE ($1::text IS NULL OR k.key = $1)
          AND ($2 OR k.status <> 'removed')
          AND ($3::text IS NULL OR k.key > $3)
        ORDER BY k.key, k.key_id
        LIMIT $4
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(includesRemoved)
        parameters.append(after)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> KeyOverview {
        try KeyOverview(&row)
    }
}
