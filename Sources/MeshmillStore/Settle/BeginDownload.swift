package import Foundation
package import PostgresClient

/// Moves a generating job to `downloading`, notes when its result expires, and tells where the GLB goes.
///
/// - Returns: a row for each output of the job; none when another worker owns the job by now: then the caller stops.
package struct BeginDownload: Statement {
    package static let sql = """
        /* BeginDownload */
        WITH owned AS (
            UPDATE meshmill.jobs AS j SET state = 'downloading'
            WHERE j.id = $1
              AND j.lease_epoch = $2  -- a zombie's epoch is older and matches nothing
              AND j.worker_id = $3
              AND j.state IN ('generating', 'downloading')
            RETURNING j.id, j.batch_id, j.attempt_id
        ), noted AS (
            UPDATE meshmill.attempts AS a
            SET expires_at = coalesce(meshmill.clock() + $4::interval, a.expires_at)
            FROM owned WHERE a.id = owned.attempt_id
        )
        SELECT b.out, o.output, o.source, o.custom_id
        FROM owned
        JOIN meshmill.batches AS b ON b.id = owned.batch_id
        JOIN meshmill.outputs AS o ON o.job_id = owned.id
        ORDER BY o.output
        """

    /// One place at which the GLB is wanted.
    package struct Row: Sendable, Hashable {
        /// The batch's output folder, absolute.
        package let folder: String
        /// Below it.
        package let output: String
        /// The image's absolute path.
        package let source: String
        package let customID: String?
    }

    package var jobID: Int64
    package var leaseEpoch: Int64
    package var worker: UUID
    /// Until the provider drops the result; `nil` when it did not say.
    package var expiresIn: Duration?

    package init(jobID: Int64, leaseEpoch: Int64, worker: UUID, expiresIn: Duration?) {
        self.jobID = jobID
        self.leaseEpoch = leaseEpoch
        self.worker = worker
        self.expiresIn = expiresIn
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(jobID)
        parameters.append(leaseEpoch)
        parameters.append(worker)
        parameters.append(expiresIn)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(folder: try row.next(), output: try row.next(), source: try row.next(), customID: try row.next())
    }
}
