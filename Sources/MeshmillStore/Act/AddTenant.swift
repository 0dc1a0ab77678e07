package import PostgresClient

/// Adds a tenant, and returns the id of the audit entry.
///
/// - Throws: the server's `P0002` if there is no such pool, and its check violation if the name is taken.
package struct AddTenant: Statement {
    private let tenant: String
    /// The settings as a JSON object.
    private let settings: String
    private let reason: String?

    package init(_ tenant: String, _ settings: AccountChanges, reason: String? = nil) throws {
        self.tenant = tenant
        self.settings = try settings.json
        self.reason = reason
    }

    package static let sql = """
        /* AddTenant */
        SELECT ops.add_tenant($1, coalesce(s ->> 'pool', 'default'), coalesce((s ->> 'weight')::double precision, 1),
            (s ->> 'monthly_budget')::bigint, (s ->> 'max_queued')::bigint, $3)
        FROM (SELECT $2::jsonb AS s) AS settings
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(tenant)
        parameters.append(settings)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
