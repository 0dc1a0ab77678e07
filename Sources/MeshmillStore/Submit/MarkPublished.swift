package import PostgresClient

/// Records that a job's GLB stands at an output, unless the output went to another job meanwhile.
package struct MarkPublished: Statement {
    package var batchID: Int64
    package var jobID: Int64
    /// Path below the batch's folder.
    package var output: String

    package init(batchID: Int64, jobID: Int64, output: String) {
        self.batchID = batchID
        self.jobID = jobID
        self.output = output
    }

    package static let sql = """
        /* MarkPublished */
        UPDATE meshmill.outputs
        SET published_at = meshmill.clock()
        WHERE batch_id = $1 AND job_id = $2 AND output = $3 AND published_at IS NULL
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(batchID)
        parameters.append(jobID)
        parameters.append(output)
    }
}
