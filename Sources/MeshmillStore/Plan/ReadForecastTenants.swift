package import MeshmillCore
package import PostgresClient

/// The tenants that are not paused, as a forecast takes them, by id.
package struct ReadForecastTenants: Statement {
    package struct Row: Sendable {
        package var id: Int64
        package var tenant: ForecastTenant
    }

    package init() {}

    package static let sql = """
        /* ReadForecastTenants */
        SELECT t.id, t.name, t.pool_id, t.weight, t.virtual_time, t.backlogged,
               t.monthly_budget - t.monthly_used - t.reserved
        FROM meshmill.tenants AS t
        WHERE NOT t.paused
        ORDER BY t.id
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            tenant: ForecastTenant(
                name: try row.next(),
                pool: try row.next(),
                weight: try row.next(),
                virtualTime: try row.next(),
                isBacklogged: try row.next(),
                budgetLeft: try row.next(Int64?.self).map(Int.init)
            )
        )
    }
}
