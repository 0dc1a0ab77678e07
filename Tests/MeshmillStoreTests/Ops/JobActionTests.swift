import MeshmillStore
import PostgresClient
import Testing

@Suite("Acting on jobs")
struct JobActionTests {
    /// A batch with jobs 1 to 6: queued, scheduled, generating, failed, completed, held.
    private func withJobs(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1, 2, 3, 4, 5, 6], to: batch)
            try await database.sql(
                """
                INSERT INTO meshmill.attempts (id, state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                    lease_epoch, claimed_at, counted_by, generation_id)
                VALUES (1, 'generating', 3, 1, 1, 1, 1, 0, gen_random_uuid(), 1, now(), now() + interval '2 min', 'g');
                UPDATE meshmill.jobs SET state = 'scheduled', run_at = now() WHERE id = 2;
                UPDATE meshmill.jobs SET state = 'generating', attempt_id = 1, lease_epoch = 1,
                    worker_id = gen_random_uuid() WHERE id = 3;
                UPDATE meshmill.jobs SET state = 'failed', error_code = 'x', failures = 3, completed_at = now() WHERE id = 4;
                UPDATE meshmill.jobs SET state = 'completed', glb_sha256 = '\\x01', completed_at = now() WHERE id = 5;
                UPDATE meshmill.jobs SET state = 'held', error_code = 'ambiguous' WHERE id = 6
                """
            )
            try await body(database)
        }
    }

    /// The states of the jobs by id, separated by spaces.
    private func states(_ database: StoreTestDatabase) async throws -> String {
        try await database.sql("SELECT state FROM meshmill.jobs ORDER BY id").joined(separator: " ")
    }

    @Test("cancels what has not ended, in flight too, under a new epoch, with its attempt ended")
    func cancels() async throws {
        try await withJobs { database async throws in
            #expect(try await database.client.query(ActOnJobs(.cancel, jobIDs: Array(1...6))).count == 4)
            let now = try await states(database)
            #expect(now == "cancelled cancelled cancelled failed completed cancelled")
            #expect(try await database.sql("SELECT lease_epoch FROM meshmill.jobs WHERE id = 3") == ["2"])
            let attempt = try await database.sql(
                "SELECT state, error_code, ended_at IS NOT NULL FROM meshmill.attempts"
            )
            #expect(attempt == ["failed|cancelled|t"])
        }
    }

    @Test("makes a POST under way unknown when its job is cancelled, and waits it out before a retry")
    func cancelsSubmitting() async throws {
        try await withJobs { database async throws in
            try await database.sql(
                """
                UPDATE meshmill.attempts SET state = 'submitting', generation_id = NULL;
                UPDATE meshmill.jobs SET state = 'submitting' WHERE id = 3
                """
            )
            #expect(try await database.client.query(ActOnJobs(.cancel, jobIDs: [3])).count == 1)
            #expect(try await database.sql("SELECT state, reserved FROM meshmill.attempts") == ["unknown|t"])
            #expect(try await database.client.query(ActOnJobs(.retry, jobIDs: [3])).count == 1)
            let job = try await database.sql(
                """
                SELECT j.state, j.run_at = a.counted_by, j.error_code FROM meshmill.jobs j, meshmill.attempts a
                WHERE j.id = 3 AND a.id = 1
                """
            )
            #expect(job == ["scheduled|t|unknown"])
        }
    }

    @Test("retries what failed, was cancelled or is held, with fresh attempts, and opens the batch")
    func retries() async throws {
        try await withJobs { database async throws in
            try await database.sql("UPDATE meshmill.batches SET state = 'finished'")
            #expect(try await database.client.query(ActOnJobs(.retry, jobIDs: Array(1...6))).count == 2)
            let now = try await states(database)
            #expect(now == "queued scheduled generating queued completed queued")
            #expect(try await database.sql("SELECT failures, error_code FROM meshmill.jobs WHERE id = 4") == ["0|"])
            #expect(try await database.sql("SELECT state FROM meshmill.batches") == ["open"])
        }
    }

    @Test("holds what waits, and releases it")
    func holdsAndReleases() async throws {
        try await withJobs { database async throws in
            #expect(try await database.client.query(ActOnJobs(.hold, jobIDs: Array(1...6), reason: "why")).count == 2)
            #expect(
                try await database.sql("SELECT state, error FROM meshmill.jobs WHERE id < 3 ORDER BY id")
                    == ["held|why", "held|why"]
            )
            #expect(try await database.client.query(ActOnJobs(.release, jobIDs: Array(1...6))).count == 3)
            let now = try await states(database)
            #expect(now == "queued queued generating failed completed queued")
        }
    }

    @Test("writes the audit log once for each call, and not at all if nothing changed")
    func isAudited() async throws {
        try await withJobs { database async throws in
            _ = try await database.client.query(ActOnJobs(.retry, jobIDs: [4, 5], reason: "once more"))
            _ = try await database.client.query(ActOnJobs(.retry, jobIDs: [5]))
            let log = try await database.sql("SELECT what, subject, after ->> 'count', reason FROM ops.audit_log")
            #expect(log == ["retry|job 4|1|once more"])
        }
    }

    @Test("holds and opens a whole batch")
    func holdsBatches() async throws {
        try await withJobs { database async throws in
            let client = database.client
            #expect(try await client.query(SetBatchPaused(batchID: 1, isPaused: true)) == ["paused"])
            #expect(try await client.query(SetBatchPaused(batchID: 1, isPaused: false)) == ["open"])
            await #expect(throws: PostgresError.self) {
                try await client.query(SetBatchPaused(batchID: 9, isPaused: true))
            }
        }
    }

    @Test("works by name from psql, with a reason at the end")
    func worksFromSQL() async throws {
        try await withJobs { database async throws in
            #expect(try await database.sql("SELECT ops.retry(ARRAY[4], reason => 'x')") == ["1"])
            #expect(try await database.sql("SELECT ops.hold(jobs => ARRAY[1, 2])") == ["2"])
            #expect(try await database.sql("SELECT ops.hold_batch(1)") == ["paused"])
            #expect(try await database.sql("SELECT ops.release_batch(1, 'go on')") == ["3"])
            #expect(try await database.sql("SELECT ops.cancel_batch(1)") == ["5"])
            #expect(try await database.sql("SELECT ops.retry_batch(1)") == ["5"])
            #expect(try await database.sql("SELECT ops.stop_submitting(), ops.stop_submitting()") == ["t|f"])
            #expect(try await database.sql("SELECT ops.start_submitting('calm')") == ["t"])
        }
    }
}
