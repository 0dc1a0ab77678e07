package import Foundation
import MeshmillCore
package import PostgresClient

/// Takes over jobs of workers whose lease ran out, earliest expiry first.
///
/// - Returns: a row for each job. One in `submitting` has not changed hands: its POST can no longer be answered or
///   counted, and is to be settled as unknown.
package struct AdoptOrphans: Statement {
    package static let sql = """
        /* AdoptOrphans */
        SELECT attempt_id, job_id, batch_id, lease_epoch, state, key_id, key_name, rate_window, mode, generation_id,
               generating_for, failures, provider_failures, unknowns, max_attempts, on_ambiguous
        FROM meshmill.adopt($1::uuid, $2::interval, $3::integer)
        """

    package var worker: UUID
    /// The length of a lease: whoever was cut off within it adopts nothing.
    package var lease: Duration
    package var limit: Int

    package init(worker: UUID, lease: Duration, limit: Int) {
        self.worker = worker
        self.lease = lease
        self.limit = limit
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(lease)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Orphan {
        Orphan(
            attemptID: try row.next(),
            jobID: try row.next(),
            batchID: try row.next(),
            leaseEpoch: try row.next(),
            state: JobState(rawValue: try row.next(String.self)),
            keyID: try row.next(),
            keyName: try row.next(),
            rateWindow: try row.next(),
            mode: try row.next(),
            generationID: try row.next(),
            generatingFor: try row.next(),
            budget: try FailureBudget(from: &row)
        )
    }
}
