package import PostgresClient

/// Outputs of completed jobs that still lack their file, with one that has it, a page at a time.
///
/// They come about when an equal image is submitted after its job was completed, or while it completes.
package struct FindMissingLinks: Statement {
    package var batchID: Int64
    /// The last job and output of the page before; 0 and empty: the first page.
    package var afterJob: Int64
    package var afterOutput: String
    package var limit: Int

    package init(batchID: Int64, afterJob: Int64 = 0, afterOutput: String = "", limit: Int = 1_000) {
        self.batchID = batchID
        self.afterJob = afterJob
        self.afterOutput = afterOutput
        self.limit = limit
    }

    package struct Row: Sendable, Hashable {
        package var jobID: Int64
        /// Path of the GLB that is missing, below the batch's folder.
        package var output: String
        /// Path of one that was published; nil: none was, or its output was taken over since.
        package var published: String?
        /// SHA-256 of the GLB, 32 bytes.
        package var sha256: [UInt8]
    }

    package static let sql = """
        /* FindMissingLinks */
        SELECT o.job_id, o.output, (
                   SELECT p.output FROM meshmill.outputs AS p
                   WHERE p.job_id = o.job_id AND p.published_at IS NOT NULL ORDER BY p.output LIMIT 1),
               j.glb_sha256
        FROM meshmill.outputs AS o
        JOIN meshmill.jobs AS j ON j.id = o.job_id AND j.state = 'completed'
        WHERE o.batch_id = $1 AND o.published_at IS NULL AND (o.job_id, o.output) > ($2, $3)
        ORDER BY o.job_id, o.output
        LIMIT $4
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
        parameters.append(afterJob)
        parameters.append(afterOutput)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(jobID: try row.next(), output: try row.next(), published: try row.next(), sha256: try row.next())
    }
}
