package import PostgresClient

/// Moves credits of the monthly limit from one key to another; the rows are both keys, the giver first.
///
/// - Throws: the server's `P0002` if there is no such key, and its check violation if the giver has used or reserved too
///   much.
package struct MoveQuota: Statement {
    package var from: String
    package var to: String
    package var credits: Int64
    package var reason: String?

    package init(from: String, to: String, credits: Int64, reason: String? = nil) {
        self.from = from
        self.to = to
        self.credits = credits
        self.reason = reason
    }

    package static let sql = """
        /* MoveQuota */
        SELECT audit_id, key, before, after, taken, provider_limit
        FROM ops.move_quota($1, $2, $3, $4)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(from)
        parameters.append(to)
        parameters.append(credits)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> QuotaChange {
        try QuotaChange(&row)
    }
}
