package import Foundation
import MeshmillCore
package import PostgresClient

/// Pairs free slots with runnable jobs and writes the intent of each POST, in one transaction.
///
/// - Returns: a row for each granted slot; none when nothing is free, runnable or allowed.
package struct ClaimJobs: Statement {
    package static let sql = """
        /* ClaimJobs */
        SELECT attempt_id, job_id, batch_id, lease_epoch, key_id, key_name, rate_window, margin, input_sha256,
               input_format, mode, seed, decimation_target, texture_size, prompt,
               failures, provider_failures, unknowns, max_attempts, on_ambiguous, probe, priority, due
        FROM meshmill.claim($1::uuid, $2::integer, $3::bigint, $4::bigint, $5::interval, $6::interval, $7::boolean,
                            $8::bigint[], $9::smallint[], $10::bigint[], $11::boolean)
        """

    /// Who claims; its lease must be live.
    package var worker: UUID
    /// At most so many.
    package var limit: Int
    /// Only this pool's keys and tenants; `nil` is every pool.
    package var pool: Int64?
    /// Only this batch; `nil` is every batch.
    package var batch: Int64?
    package var requestDeadline: Duration
    package var grace: Duration
    /// Whether this is the one job that tries an open breaker.
    package var probe: Bool
    /// Where reading of fresh jobs goes on; a batch without a cursor is read from its first job.
    package var cursors: [ClaimCursor]
    /// Whether orgs, tenants and batches whose rows somebody holds are left out; else they are waited for, 500 ms.
    package var skipsHeld: Bool

    package init(
        worker: UUID,
        limit: Int,
        pool: Int64?,
        batch: Int64?,
        requestDeadline: Duration,
        grace: Duration,
        probe: Bool,
        cursors: [ClaimCursor] = [],
        skipsHeld: Bool = false
    ) {
        self.worker = worker
        self.limit = limit
        self.pool = pool
        self.batch = batch
        self.requestDeadline = requestDeadline
        self.grace = grace
        self.probe = probe
        self.cursors = cursors
        self.skipsHeld = skipsHeld
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(limit)
        parameters.append(pool)
        parameters.append(batch)
        parameters.append(requestDeadline)
        parameters.append(grace)
        parameters.append(probe)
        parameters.append(cursors.map(\.batchID))
        parameters.append(cursors.map(\.priority))
        parameters.append(cursors.map(\.jobID))
        parameters.append(skipsHeld)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> ClaimedAttempt {
        ClaimedAttempt(
            attemptID: try row.next(),
            jobID: try row.next(),
            batchID: try row.next(),
            leaseEpoch: try row.next(),
            keyID: try row.next(),
            keyName: try row.next(),
            rateWindow: try row.next(),
            margin: try row.next(),
            inputSHA256: try row.next(),
            inputFormat: try row.next(),
            mode: try row.next(),
            seed: try row.next(),
            decimationTarget: try row.next(Int32?.self).map(Int.init),
            textureSize: try row.next(Int32?.self).map(Int.init),
            prompt: try row.next(),
            budget: try FailureBudget(from: &row),
            isProbe: try row.next(),
            priority: try row.next(),
            isDue: try row.next()
        )
    }
}

extension FailureBudget {
    /// Reads `failures, provider_failures, unknowns, max_attempts, on_ambiguous`.
    init(from row: inout PostgresRowReader) throws(PostgresError) {
        self.init(
            failures: Int(try row.next(Int16.self)),
            providerFailures: Int(try row.next(Int16.self)),
            unknowns: Int(try row.next(Int16.self)),
            maxAttempts: Int(try row.next(Int32.self)),
            // The column has a CHECK on these words; an unknown one can only come from a newer schema: hold is safe.
            onAmbiguous: AmbiguityPolicy(rawValue: try row.next(String.self)) ?? .hold
        )
    }
}
