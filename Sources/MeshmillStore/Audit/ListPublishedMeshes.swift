package import PostgresClient

/// GLBs that the database says are on disk, a page at a time.
package struct ListPublishedMeshes: Statement {
    package static let sql = """
        /* ListPublishedMeshes */
        SELECT j.id, o.output, b.out, j.glb_sha256, coalesce(j.glb_bytes, -1)
        FROM meshmill.outputs AS o
        JOIN meshmill.jobs AS j ON j.id = o.job_id AND j.state = 'completed'
        JOIN meshmill.batches AS b ON b.id = o.batch_id
        WHERE o.published_at IS NOT NULL AND (o.job_id, o.output) > ($1, $2)
        ORDER BY o.job_id, o.output
        LIMIT $3
        """

    package struct Row: Sendable, Hashable {
        package let jobID: Int64
        /// Path below the folder.
        package let output: String
        /// The batch's output folder, absolute.
        package let folder: String
        /// 32 bytes.
        package let sha256: [UInt8]
        package let bytes: Int64
    }

    /// The last job and output of the page before; 0 and empty: the first page.
    package var afterJob: Int64
    package var afterOutput: String
    package var limit: Int

    package init(afterJob: Int64 = 0, afterOutput: String = "", limit: Int = 1_000) {
        self.afterJob = afterJob
        self.afterOutput = afterOutput
        self.limit = limit
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(afterJob)
        parameters.append(afterOutput)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            jobID: try row.next(),
            output: try row.next(),
            folder: try row.next(),
            sha256: try row.next(),
            bytes: try row.next()
        )
    }
}
