package import PostgresClient

/// The accounts at the provider, by name.
package struct ListOrgs: Statement {
    package init() {}

    package struct Row: Sendable, Hashable {
        package var name: String
        /// `active`, `paused` or `parked`.
        package var status: String
        package var reason: String?
        package var keys: Int64
        /// What the provider last said; nil: it never did.
        package var creditsRemaining: Int64?
        package var creditsReserved: Int64
        package var creditsObservedAt: PostgresTimestamp?
        package var parkedUntil: PostgresTimestamp?
    }

    package static let sql = """
        /* ListOrgs */
        SELECT org, status, reason, keys, credits_remaining, credits_reserved, credits_observed_at, parked_until
        FROM ops.orgs
        ORDER BY org
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            name: try row.next(),
            status: try row.next(),
            reason: try row.next(),
            keys: try row.next(),
            creditsRemaining: try row.next(),
            creditsReserved: try row.next(),
            creditsObservedAt: try row.next(),
            parkedUntil: try row.next()
        )
    }
}
