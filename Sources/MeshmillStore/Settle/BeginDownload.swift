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
            RETURNING j.*
        ), noted AS (
            UPDATE meshmill.attempts AS a
            SET expires_at = coalesce(meshmill.clock() + $4::interval, a.expires_at)
            FROM owned WHERE a.id = owned.attempt_id
        )
        SELECT b.out, o.output, o.source, o.custom_id, j.mode, j.prompt, j.seed, j.decimation_target, j.texture_size,
               a.credits, j.submitted_at, a.claimed_at, j.crash_count
        FROM owned AS j
        JOIN meshmill.attempts AS a ON a.id = j.attempt_id
        JOIN meshmill.batches AS b ON b.id = j.batch_id
        JOIN meshmill.outputs AS o ON o.job_id = j.id
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
        /// `nil`, here and below, is the provider's default.
        package let mode: String?
        package let prompt: String?
        package let seed: Int64?
        package let decimationTarget: Int?
        package let textureSize: Int?
        /// Credits that the attempt has cost.
        package let credits: Int
        package let submittedAt: PostgresTimestamp
        /// When the slot was taken for the attempt.
        package let claimedAt: PostgresTimestamp
        /// Workers that died while they read this job's GLB.
        package let crashCount: Int
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
        Row(
            folder: try row.next(),
            output: try row.next(),
            source: try row.next(),
            customID: try row.next(),
            mode: try row.next(),
            prompt: try row.next(),
            seed: try row.next(),
            decimationTarget: try row.next(Int32?.self).map(Int.init),
            textureSize: try row.next(Int32?.self).map(Int.init),
            credits: Int(try row.next(Int32.self)),
            submittedAt: try row.next(),
            claimedAt: try row.next(),
            crashCount: Int(try row.next(Int16.self))
        )
    }
}
