import MeshmillStore
import PostgresClient
import Testing

@Suite("Counts of batches")
struct BatchCountTests {
    private static let counts = """
        SELECT status || ' ' || concat_ws(' ', queued, completed, failed, cancelled, held, capped::text) FROM ops.batches
        """

    /// A batch of 6 jobs, submitted long ago: 3 completed, 2 failed, 1 held.
    private func withBatch(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.sql(
                """
                INSERT INTO meshmill.batches (tenant_id, out, submitted_at) VALUES (1, '/o', now() - interval '1 hour');
                INSERT INTO meshmill.jobs (batch_id, tenant_id, fingerprint, input_sha256, input_format, state, error_code,
                    glb_sha256, completed_at)
                SELECT 1, 1, gen_random_uuid(), '\\x01', 'png', CASE WHEN g <= 3 THEN 'completed' WHEN g <= 5 THEN 'failed'
                    ELSE 'held' END::meshmill.job_state, 'x', '\\x01', now()
                FROM generate_series(1, 6) AS g
                """
            )
            try await body(database)
        }
    }

    @Test("are taken once, when housekeeping closes the batch, and read from then on")
    func counted() async throws {
        try await withBatch { database async throws in
            #expect(try await database.sql(Self.counts) == ["open 0 3 2 0 1 false"])
            #expect(try await database.sql("SELECT meshmill.close_batches()") == ["1"])
            #expect(
                try await database.sql(
                    "SELECT concat_ws(' ', counted_completed, counted_failed, counted_cancelled, counted_held) FROM meshmill.batches"
                ) == ["3 2 0 1"]
            )
            #expect(try await database.sql(Self.counts) == ["finished 0 3 2 0 1 false"])
            #expect(try await database.sql("SELECT meshmill.close_batches()") == ["0"])
        }
    }

    @Test("follow what people then do to its jobs")
    func changed() async throws {
        try await withBatch { database async throws in
            try await database.sql("SELECT meshmill.close_batches()")
            try await database.sql("SELECT meshmill.move_jobs('cancel', ARRAY[6], NULL)")
            #expect(try await database.sql(Self.counts) == ["finished 0 3 2 1 0 false"])
            #expect(try await database.sql("SELECT meshmill.close_batches()") == ["1"])
            #expect(try await database.sql(Self.counts) == ["finished 0 3 2 1 0 false"])
            try await database.sql("SELECT meshmill.move_jobs('retry', ARRAY[4], NULL)")
            #expect(try await database.sql(Self.counts) == ["open 1 3 1 1 0 false"])
        }
    }

    @Test("are not taken of a batch whose job is queued again while housekeeping looks at it")
    func queuedMeanwhile() async throws {
        try await withBatch { database async throws in
            try await database.client.withConnection { person in
                // Housekeeping has its snapshot by the time at which it asks for the table.
                try await person.simpleQuery("BEGIN; LOCK TABLE meshmill.jobs IN ACCESS EXCLUSIVE MODE")
                async let closed = database.sql("SELECT meshmill.close_batches()")
                let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'meshmill.jobs'::regclass"
                while try await person.simpleQuery(waiting).rows.first?.first != "1" {
                    try await Task.sleep(for: .milliseconds(10))
                }
                try await person.simpleQuery("SELECT meshmill.move_jobs('retry', ARRAY[4], NULL); COMMIT")
                #expect(try await closed == ["0"])
            }
            #expect(try await database.sql(Self.counts) == ["open 1 3 1 0 1 false"])
        }
    }

    @Test("are made by housekeeping for batches that were finished before it counted any")
    func late() async throws {
        try await withBatch { database async throws in
            try await database.sql("UPDATE meshmill.batches SET state = 'finished'")
            #expect(try await database.sql(Self.counts) == ["finished 0 3 2 0 1 false"])
            #expect(try await database.sql("SELECT meshmill.close_batches()") == ["1"])
            #expect(try await database.sql("SELECT counted_completed FROM meshmill.batches") == ["3"])
        }
    }
}
