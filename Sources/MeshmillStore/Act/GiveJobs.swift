package import PostgresClient

/// Moves waiting jobs to another tenant, into its batch with the same output folder, and returns the ids of those.
///
/// Jobs whose image or output that tenant has already asked for stay.
///
/// - Throws: the server's `P0002` if there is no such tenant.
package struct GiveJobs: Statement {
    package var jobIDs: [Int64]
    package var tenant: String
    package var reason: String?

    package init(_ jobIDs: [Int64], toTenant tenant: String, reason: String? = nil) {
        self.jobIDs = jobIDs
        self.tenant = tenant
        self.reason = reason
    }

    package static let sql = """
        /* GiveJobs */
        SELECT ops.give_jobs($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(jobIDs)
        parameters.append(tenant)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
