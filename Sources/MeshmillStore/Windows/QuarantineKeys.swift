package import PostgresClient

/// Sends nothing with keys for one window, since others may have used them in ways that our log does not know.
///
/// - Returns: one row: how many keys.
/// - Throws: the server's `P0002` if there is no key with the name.
package struct QuarantineKeys: Statement {
    /// The key's name; nil: all keys.
    package var name: String?
    package var reason: String?

    package init(name: String?, reason: String? = nil) {
        self.name = name
        self.reason = reason
    }

    package static let sql = """
        /* QuarantineKeys */
        SELECT CASE
            WHEN $1::text IS NULL THEN ops.quarantine_all_keys($2)
            WHEN ops.quarantine_key($1, $2) IS NULL THEN 0
            ELSE 1
        END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        try row.next()
    }
}
