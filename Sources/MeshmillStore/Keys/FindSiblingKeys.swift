package import PostgresClient

/// Other keys of the same org, which may see the generations of a key that was revoked.
///
/// - Returns: ids, usable ones first; at most four.
package struct FindSiblingKeys: Statement {
    package static let sql = """
        /* FindSiblingKeys */
        SELECT s.id
        FROM meshmill.keys AS k
        JOIN meshmill.keys AS s ON s.org_id = k.org_id AND s.id <> k.id
        WHERE k.id = $1 AND s.state <> 'removed'
        ORDER BY s.state <> 'active', s.id
        LIMIT 4
        """

    package var keyID: Int64

    package init(keyID: Int64) { self.keyID = keyID }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(keyID) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 { try row.next() }
}
