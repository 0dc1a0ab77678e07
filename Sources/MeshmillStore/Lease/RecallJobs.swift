package import Foundation
import MeshmillCore
package import PostgresClient

/// Reads which jobs in flight a worker owns beyond those that it knows of: after an answer of the database was lost.
///
/// - Returns: a row for each job, as for an orphan; nothing is changed.
package struct RecallJobs: Statement {
    package static let sql = """
        /* RecallJobs */
        SELECT attempt_id, job_id, batch_id, lease_epoch, state, key_id, key_name, rate_window, mode, generation_id,
               generating_for, failures, provider_failures, unknowns, max_attempts, on_ambiguous
        FROM meshmill.recall($1::uuid, $2::bigint[])
        """

    package var worker: UUID
    /// Attempts that the worker has in hand.
    package var known: [Int64]

    package init(worker: UUID, known: [Int64]) {
        self.worker = worker
        self.known = known
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(known)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Orphan {
        try AdoptOrphans.decode(&row)
    }
}
