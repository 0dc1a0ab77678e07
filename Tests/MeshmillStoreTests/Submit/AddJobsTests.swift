import MeshmillStore
import PostgresClient
import Testing

@Suite("Adding jobs")
struct AddJobsTests {
    @Test("makes one job of equal images, each with its output, in the order of the call")
    func addsInOrder() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            let results = try await database.add([3, 1, 3, 2], outputs: ["c", "a", "c2", "b"], to: batch)
            #expect(results == ["added 1", "added 2", "duplicate 1", "added 3"])
            let outputs = try await database.sql("SELECT output, job_id FROM meshmill.outputs ORDER BY output")
            #expect(outputs == ["a|2", "b|3", "c|1", "c2|1"])
            #expect(try await database.sql("SELECT DISTINCT input_format, state FROM meshmill.jobs") == ["png|queued"])
        }
    }

    @Test("a second time changes nothing")
    func isIdempotent() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1, 2], to: batch)
            let again = try await database.add([1, 2, 1], outputs: ["1.glb", "2.glb", "new.glb"], to: batch)
            #expect(again == ["existing 1", "existing 2", "duplicate 1"])
            #expect(try await database.sql("SELECT count(*) FROM meshmill.jobs") == ["2"])
        }
    }

    @Test("tells equal images with other parameters apart")
    func tellsParametersApart() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1], to: batch)
            #expect(try await database.add([1], outputs: ["other"], seed: 7, to: batch) == ["added 2"])
        }
    }

    @Test("leaves an output to its job, and changes nothing, unless it is told to replace it")
    func conflicts() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1], outputs: ["x"], to: batch)
            #expect(try await database.add([2], outputs: ["x"], to: batch) == ["conflict 1"])
            #expect(try await database.sql("SELECT count(*) FROM meshmill.jobs") == ["1"])
            #expect(try await database.add([2], outputs: ["x"], to: batch, replacing: true) == ["replaced 2"])
            #expect(try await database.sql("SELECT job_id, published_at FROM meshmill.outputs") == ["2|"])
            let jobs = try await database.sql("SELECT id, state, error_code FROM meshmill.jobs ORDER BY id")
            #expect(jobs == ["1|cancelled|replaced", "2|queued|"])
        }
    }

    @Test("queues a failed or cancelled job again with fresh attempts, once however many outputs it has")
    func requeues() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1, 2, 3], to: batch)
            try await database.sql(
                """
                UPDATE meshmill.jobs SET state = CASE id WHEN 1 THEN 'failed' WHEN 2 THEN 'cancelled' ELSE 'held' END::meshmill.job_state,
                    error_code = 'x', attempts = 3, failures = 3, completed_at = now()
                """
            )
            let results = try await database.add(
                [1, 1, 2, 3],
                outputs: ["1.glb", "one more.glb", "2.glb", "3.glb"],
                to: batch
            )
            #expect(results == ["requeued 1", "duplicate 1", "requeued 2", "existing 3"])
            let jobs = try await database.sql("SELECT id, state, failures, error_code FROM meshmill.jobs ORDER BY id")
            #expect(jobs == ["1|queued|0|", "2|queued|0|", "3|held|3|x"])
        }
    }

    @Test("is refused for inputs in a format that the provider does not take")
    func needsFormat() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            var jobs = try await database.jobs([1])
            jobs[0].inputFormat = "tiff"
            let statement = AddJobs(batchID: batch, isReplacing: false, jobs: jobs)
            let error = await #expect(throws: PostgresError.self) { try await database.client.query(statement) }
            #expect(error?.sqlState == .checkViolation)
            #expect(try await database.sql("SELECT count(*) FROM meshmill.jobs") == ["0"])
        }
    }

    @Test("finds equal jobs among new ones, wherever they stand")
    func fewAreKnown() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([777], to: batch)
            // One of a thousand is there, and is none of those that are looked up before the rest is added.
            let results = try await database.add(Array(0..<1_000), to: batch)
            #expect(results.filter { $0.hasPrefix("added") }.count == 999)
            #expect(results[777].hasPrefix("existing"))
            let outputs = try await database.sql("SELECT count(*), count(DISTINCT job_id) FROM meshmill.outputs")
            #expect(outputs == ["1000|1000"])
        }
    }

    @Test("FAULTS 30: of 1,000 that eight submissions hand in at once makes each job once")
    func atOnce() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            let images = Array(0..<1_000)
            let counts = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask { try await database.add(images.shuffled(), to: batch) }
                }
                var counts: [String: Int] = [:]
                for try await results in group {
                    for result in results { counts[String(result.prefix { $0 != " " }), default: 0] += 1 }
                }
                return counts
            }
            #expect(counts == ["added": 1_000, "existing": 7_000])
            #expect(try await database.sql("SELECT count(*) FROM meshmill.jobs") == ["1000"])
        }
    }

    @Test("opens a finished batch again, and leaves one that a person paused alone")
    func opensTheBatch() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            try await database.sql("UPDATE meshmill.batches SET state = 'finished'")
            _ = try await database.add([1], to: batch)
            #expect(try await database.sql("SELECT state FROM meshmill.batches") == ["open"])
            try await database.sql("UPDATE meshmill.batches SET state = 'paused'")
            _ = try await database.add([2], to: batch)
            #expect(try await database.sql("SELECT state FROM meshmill.batches") == ["paused"])
            #expect(try await database.client.query(OpenBatch(tenant: "default", out: "/out")).first?.isPaused == true)
        }
    }
}
