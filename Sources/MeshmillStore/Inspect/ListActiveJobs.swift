package import MeshmillCore
package import PostgresClient

/// The jobs of a batch that are in flight, longest-running first.
package struct ListActiveJobs: Statement {
    package static let sql = """
        /* ListActiveJobs */
        SELECT j.attempt_id, j.state,
               (SELECT o.source FROM meshmill.outputs AS o WHERE o.job_id = j.id ORDER BY o.output LIMIT 1),
               meshmill.clock() - a.claimed_at
        FROM meshmill.jobs AS j
        JOIN meshmill.attempts AS a ON a.id = j.attempt_id
        WHERE j.batch_id = $1 AND j.state IN ('submitting', 'generating', 'downloading')
        ORDER BY a.claimed_at, j.id
        LIMIT $2
        """

    /// One job in flight.
    package struct Row: Sendable, Hashable {
        package let attemptID: Int64
        package let state: JobState
        /// The image's absolute path.
        package let source: String
        /// Since its slot was taken.
        package let age: Duration
    }

    package var batchID: Int64
    package var limit: Int

    package init(batchID: Int64, limit: Int) {
        self.batchID = batchID
        self.limit = limit
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            attemptID: try row.next(),
            state: JobState(rawValue: try row.next(String.self)) ?? .generating,
            source: try row.next(String?.self) ?? "",
            age: try row.next()
        )
    }
}
