package import PostgresClient

/// What a waiting job waits for; no row if it does not wait.
package struct WhyWaiting: Statement {
    package struct Row: Sendable, Hashable {
        package var jobID: Int64
        /// `queued`, `scheduled` or `held`.
        package var status: String
        package var batchID: Int64
        package var tenant: String
        package var pool: String
        /// The first thing that binds it; see `ops.why_waiting`.
        package var reason: String
        /// The earliest instant at which that changes; nil: a person ends it, or it depends on others.
        package var until: PostgresTimestamp?
        /// The same in words.
        package var detail: String
    }

    package var jobID: Int64

    package init(jobID: Int64) {
        self.jobID = jobID
    }

    package static let sql = """
        /* WhyWaiting */
        SELECT w.job_id, w.status::text, w.batch_id, w.tenant, w.pool, w.reason, w.until, w.detail
        FROM ops.why_waiting AS w
        WHERE w.job_id = $1
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(jobID)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            jobID: try row.next(),
            status: try row.next(),
            batchID: try row.next(),
            tenant: try row.next(),
            pool: try row.next(),
            reason: try row.next(),
            until: try row.next(),
            detail: try row.next()
        )
    }
}
