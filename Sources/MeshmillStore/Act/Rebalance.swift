package import PostgresClient

/// Shares the monthly limits of an org's keys out anew; one row a key, by name.
///
/// - Throws: the server's `P0002` if there is no such org, and its check violation if more is used or reserved than is to
///   be shared out.
package struct Rebalance: Statement {
    package var org: String
    package var strategy: RebalanceStrategy
    /// Credits to share out; nil keeps their sum.
    package var total: Int64?
    package var reason: String?

    package init(org: String, strategy: RebalanceStrategy, total: Int64? = nil, reason: String? = nil) {
        self.org = org
        self.strategy = strategy
        self.total = total
        self.reason = reason
    }

    package static let sql = """
        /* Rebalance */
        SELECT audit_id, key, before, after, taken, provider_limit
        FROM ops.rebalance($1, $2, $3, $4)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(org)
        parameters.append(strategy)
        parameters.append(total)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> QuotaChange {
        try QuotaChange(&row)
    }
}
