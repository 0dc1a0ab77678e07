package import PostgresClient

/// The tenants by name.
package struct ListTenants: Statement {
    package init() {}

    package struct Row: Sendable, Hashable {
        package var name: String
        /// `active` or `paused`.
        package var status: String
        package var pool: String
        package var weight: Double
        package var queued: Int64
        package var scheduled: Int64
        package var inFlight: Int64
        /// Whether a count stopped and there may be more.
        package var isCapped: Bool
        /// Most jobs that may wait at once; nil: no bound.
        package var maxQueued: Int64?
        /// Cap of credits a month; nil: none.
        package var monthlyBudget: Int64?
        package var monthlyUsed: Int64
        package var creditsReserved: Int64
    }

    package static let sql = """
        /* ListTenants */
        SELECT tenant, status, pool, weight, queued, scheduled, in_flight, capped, max_queued, monthly_budget, monthly_used,
            credits_reserved
        FROM ops.tenants
        ORDER BY tenant
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            name: try row.next(),
            status: try row.next(),
            pool: try row.next(),
            weight: try row.next(),
            queued: try row.next(),
            scheduled: try row.next(),
            inFlight: try row.next(),
            isCapped: try row.next(),
            maxQueued: try row.next(),
            monthlyBudget: try row.next(),
            monthlyUsed: try row.next(),
            creditsReserved: try row.next()
        )
    }
}
