import MeshmillStore
import PostgresClient
import Testing

@Suite("Finding jobs, and acting on those that were found")
struct FindJobsTests {
    /// Batch 1 with jobs 1 to 4: queued, failed with `x`, failed with `y`, completed with key `a`.
    private func withJobs(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            _ = try await database.add([1, 2, 3, 4], to: try await database.openBatch())
            try await database.sql(
                """
                INSERT INTO meshmill.orgs (name) VALUES ('o');
                INSERT INTO meshmill.keys (name, org_id, pool_id) VALUES ('a', 1, 1);
                INSERT INTO meshmill.attempts (id, state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                    lease_epoch, claimed_at, counted_by, generation_id)
                VALUES (1, 'completed', 4, 1, 1, 1, 1, 0, gen_random_uuid(), 1, now(), now(), 'g');
                UPDATE meshmill.jobs SET state = 'failed', error_code = 'x', completed_at = now() WHERE id = 2;
                UPDATE meshmill.jobs SET state = 'failed', error_code = 'y', completed_at = now() WHERE id = 3;
                UPDATE meshmill.jobs SET state = 'completed', attempt_id = 1, glb_sha256 = '\\x01', completed_at = now()
                WHERE id = 4
                """
            )
            try await body(database)
        }
    }

    private func find(
        _ database: StoreTestDatabase,
        limit: Int = 100,
        _ change: (inout FindJobs.Filter) -> Void
    ) async throws -> [Int64] {
        var filter = FindJobs.Filter()
        change(&filter)
        return try await database.client.query(FindJobs(filter, limit: limit)).map(\.id).sorted()
    }

    @Test("narrows by status, error code, batch, tenant, key and path, and by all together")
    func finds() async throws {
        try await withJobs { database async throws in
            #expect(try await find(database) { _ in } == [1, 2, 3, 4])
            #expect(try await find(database) { $0.statuses = ["failed", "queued"] } == [1, 2, 3])
            #expect(try await find(database) { $0.errorCode = "y" } == [3])
            #expect(try await find(database) { $0.batchIDs = [2] } == [])
            #expect(try await find(database) { $0.tenant = "default" } == [1, 2, 3, 4])
            #expect(try await find(database) { $0.key = "a" } == [4])
            #expect(try await find(database) { $0.source = "/in/?.glb.png" } == [1, 2, 3, 4])
            #expect(try await find(database) { $0.source = "*2*" } == [2])
            #expect(try await find(database) { $0.source = "/in/%" } == [])
            #expect(
                try await find(database) {
                    $0.statuses = ["failed"]
                    $0.errorCode = "x"
                    $0.batchIDs = [1]
                    $0.source = "/in/*"
                } == [2]
            )
            #expect(try await find(database, limit: 2) { _ in }.count == 2)
            await #expect(throws: PostgresError.self) { try await find(database) { $0.tenant = "no" } }
        }
    }

    @Test("works from psql: found by one function, moved by another")
    func fromSQL() async throws {
        try await withJobs { database async throws in
            let retried = try await database.sql(
                "SELECT ops.retry(ARRAY(SELECT ops.find_jobs(status => '{failed}', batch => '{1}')), 'once more')"
            )
            #expect(retried == ["2"])
        }
    }

    @Test("gives waiting jobs another priority, or to another tenant's batch of the same folder")
    func sets() async throws {
        try await withJobs { database async throws in
            let client = database.client
            #expect(try await client.query(SetPriority(7, jobIDs: [1, 2], reason: "first")) == [1])
            _ = try await client.query(try AddTenant("anna", AccountChanges()))
            #expect(try await client.query(GiveJobs([1, 2, 4], toTenant: "anna", reason: "hers")) == [1])
            let job = try await database.sql(
                """
                SELECT j.batch_id, j.tenant, j.output, j.priority, b.out FROM ops.jobs AS j
                JOIN ops.batches AS b USING (batch_id) WHERE job_id = 1
                """
            )
            #expect(job == ["2|anna|/out/1.glb|7|/out"])
            // What she has asked for herself stays where it is.
            _ = try await database.add([1], to: 1)
            #expect(try await client.query(GiveJobs([5], toTenant: "anna")).isEmpty)
            let log = try await database.sql(
                "SELECT what, reason FROM ops.audit_log WHERE reason IS NOT NULL ORDER BY audit_id"
            )
            #expect(log == ["set_priority|first", "give_jobs|hers"])
        }
    }
}
