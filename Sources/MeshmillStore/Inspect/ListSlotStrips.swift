package import PostgresClient

/// How long until each slot of each key falls free, by name; removed keys are not listed.
package struct ListSlotStrips: Statement {
    package struct Row: Sendable, Hashable {
        package var key: String
        /// In the window's order; zero: free.
        package var freeIn: [Double]
    }

    /// Keys that are read at most.
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    package static let sql = """
        /* ListSlotStrips */
        SELECT k.name,
               ARRAY(SELECT greatest(extract(epoch FROM s.free_at - c.now), 0)::double precision
                     FROM meshmill.slots AS s WHERE s.key_id = k.id ORDER BY s.ordinal)
        FROM meshmill.keys AS k
        CROSS JOIN (SELECT meshmill.clock() AS now) AS c
        WHERE k.state <> 'removed'
        ORDER BY k.name
        LIMIT $1
        """

    package func bind(to parameters: inout PostgresParameters) { parameters.append(limit) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(key: try row.next(), freeIn: try row.next())
    }
}
