package import PostgresClient

/// Begins a rotation of the master key, or finds the one that is under way.
package struct BeginRewrap: Statement {
    package struct Row: Sendable {
        var toID: String
        /// The new master key, sealed by the old one.
        var sealed: [UInt8]
    }

    let from: String
    let to: String
    let sealed: [UInt8]
    let reason: String?

    package static let sql = """
        /* BeginRewrap */
        SELECT to_id, sealed
        FROM meshmill.begin_rewrap($1, $2, $3, $4)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(from)
        parameters.append(to)
        parameters.append(sealed)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(toID: try row.next(), sealed: try row.next())
    }
}
