package import PostgresClient

/// Takes a key out of use for good, and returns its status.
///
/// A statement of its own, since operators may do what ``ActOnKey`` does and not this.
///
/// - Throws: the server's `P0002` if there is no such key.
package struct RemoveKey: Statement {
    package var name: String
    package var reason: String?

    package init(name: String, reason: String? = nil) {
        self.name = name
        self.reason = reason
    }

    package static let sql = """
        /* RemoveKey */
        SELECT ops.remove_key($1, $2)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
