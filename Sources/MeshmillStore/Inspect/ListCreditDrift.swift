package import PostgresClient

/// Our books beside the provider's numbers, for each key whose month it counts and each org whose credits it reports.
package struct ListCreditDrift: Statement {
    package struct Row: Sendable, Hashable {
        /// `key`: credits used in its month; `org`: credits that are left.
        package var scope: String
        package var org: String
        /// nil for an org.
        package var key: String?
        package var ours: Int64?
        package var provider: Int64?
        /// POSTs whose credit is in doubt.
        package var doubtful: Int64
        /// Used by others.
        package var external: Int64
        /// What is open on one side and not yet on the other.
        package var gap: Int64?
        /// Since when there is use by others that is not booked yet; nil: there is none.
        package var since: PostgresTimestamp?
        package var unbooked: Int64
        package var observedAt: PostgresTimestamp?
        /// What to do about it; nil: nothing.
        package var advice: String?
    }

    package init() {}

    package static let sql = """
        /* ListCreditDrift */
        SELECT scope, org, key, ours, provider, doubtful, external, gap, since, unbooked, observed_at, advice
        FROM ops.credit_drift
        ORDER BY abs(gap) + unbooked DESC NULLS LAST, org, key NULLS FIRST
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            scope: try row.next(),
            org: try row.next(),
            key: try row.next(),
            ours: try row.next(),
            provider: try row.next(),
            doubtful: try row.next(),
            external: try row.next(),
            gap: try row.next(),
            since: try row.next(),
            unbooked: try row.next(),
            observedAt: try row.next(),
            advice: try row.next()
        )
    }
}
