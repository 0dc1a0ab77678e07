package import Foundation
package import PostgresClient

/// Writes down that a job's GLB is about to be read, or was: if the worker dies in between, it may have died of it.
///
/// - Returns: one row: the crash count; none when another worker owns the job by now.
package struct MarkVerifying: Statement {
    package static let sql = """
        /* MarkVerifying */
        UPDATE meshmill.jobs
        SET verifying = $4
        WHERE id = $1
          AND lease_epoch = $2  -- a zombie's epoch is older and matches nothing
          AND worker_id = $3
          AND state = 'downloading'
        RETURNING crash_count
        """

    package var jobID: Int64
    package var leaseEpoch: Int64
    package var worker: UUID
    package var isVerifying: Bool

    package init(jobID: Int64, leaseEpoch: Int64, worker: UUID, isVerifying: Bool) {
        self.jobID = jobID
        self.leaseEpoch = leaseEpoch
        self.worker = worker
        self.isVerifying = isVerifying
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(jobID)
        parameters.append(leaseEpoch)
        parameters.append(worker)
        parameters.append(isVerifying)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        Int(try row.next(Int16.self))
    }
}
