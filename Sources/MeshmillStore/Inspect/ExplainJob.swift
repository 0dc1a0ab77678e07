package import PostgresClient

/// What a job waits for, until when, and how many are before it, in a sentence; nil if there is no such job.
package struct ExplainJob: Statement {
    package var jobID: Int64

    package init(jobID: Int64) {
        self.jobID = jobID
    }

    package static let sql = """
        /* ExplainJob */
        SELECT ops.why($1)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(jobID)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String? {
        try row.next()
    }
}
