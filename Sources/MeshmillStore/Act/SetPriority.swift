package import PostgresClient

/// Gives waiting jobs another priority, and returns the ids of those that waited.
package struct SetPriority: Statement {
    package var jobIDs: [Int64]
    /// Higher goes first inside the tenant.
    package var priority: Int
    package var reason: String?

    package init(_ priority: Int, jobIDs: [Int64], reason: String? = nil) {
        self.jobIDs = jobIDs
        self.priority = priority
        self.reason = reason
    }

    package static let sql = """
        /* SetPriority */
        SELECT ops.set_priority($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(jobIDs)
        parameters.append(priority)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
