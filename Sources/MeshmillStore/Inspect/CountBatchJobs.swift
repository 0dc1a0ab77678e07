package import PostgresClient

/// How many jobs of a batch there are in each state, counted to the end.
package struct CountBatchJobs: Statement {
    package var batchID: Int64

    package init(batchID: Int64) {
        self.batchID = batchID
    }

    package struct Row: Sendable, Hashable {
        package var status: String
        package var jobs: Int64
    }

    package static let sql = """
        /* CountBatchJobs */
        SELECT c.state::text, c.jobs
        FROM meshmill.batch_counts($1) AS c
        ORDER BY c.state
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(status: try row.next(), jobs: try row.next())
    }
}
