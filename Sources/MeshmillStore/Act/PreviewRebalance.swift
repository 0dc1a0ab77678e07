package import PostgresClient

/// What ``Rebalance`` would do; changes nothing.
package struct PreviewRebalance: Statement {
    package var rebalance: Rebalance

    package init(_ rebalance: Rebalance) {
        self.rebalance = rebalance
    }

    package static let sql = """
        /* PreviewRebalance */
        SELECT NULL::bigint, key, before, after, taken, provider_limit
        FROM ops.preview_rebalance($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(rebalance.org)
        parameters.append(rebalance.strategy)
        parameters.append(rebalance.total)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> QuotaChange {
        try QuotaChange(&row)
    }
}
