package import PostgresClient

/// Does something to those jobs that it applies to, in one transaction, and returns the ids of those.
package struct ActOnJobs: Statement {
    package var action: JobAction
    package var jobIDs: [Int64]
    package var reason: String?

    package init(_ action: JobAction, jobIDs: [Int64], reason: String? = nil) {
        self.action = action
        self.jobIDs = jobIDs
        self.reason = reason
    }

    package static let sql = """
        /* ActOnJobs */
        SELECT ops.act_on_jobs($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(action)
        parameters.append(jobIDs)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
