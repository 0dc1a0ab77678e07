package import PostgresClient

/// How many jobs there are in each state.
package struct CountJobs: Statement {
    /// How far queued jobs are counted, and ended ones together.
    package var cap: Int

    package init(cap: Int = 200_000) {
        self.cap = cap
    }

    package struct Row: Sendable, Hashable {
        package var status: String
        package var jobs: Int64
        /// Whether there are more.
        package var isCapped: Bool
    }

    package static let sql = """
        /* CountJobs */
        SELECT c.state::text, c.jobs, c.capped
        FROM meshmill.job_counts($1) AS c
        ORDER BY c.state
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(cap)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(status: try row.next(), jobs: try row.next(), isCapped: try row.next())
    }
}
