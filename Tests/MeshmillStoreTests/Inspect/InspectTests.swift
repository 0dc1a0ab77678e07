import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Looking at everything")
struct InspectTests {
    @Test("pages through jobs by id, and through an export by output, each job once")
    func pages() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            let other = try await database.openBatch("/other")
            _ = try await database.add(
                [1, 2, 3, 1, 4],
                outputs: ["e", "d", "c", "b", "a/f"],
                to: batch
            )
            _ = try await database.add([9], to: other)
            var exported: [String] = []
            var page = ExportJobs(batchID: batch, limit: 2)
            while true {
                let rows = try await database.client.query(page)
                exported += rows.map { "\($0.job.id) \($0.job.output ?? "")" }
                guard rows.count == 2, let last = rows.last else { break }
                page.after = last.cursor
            }
            #expect(exported == ["4 /out/a/f", "1 /out/b", "3 /out/c", "2 /out/d"])
            let jobs = try await database.client.query(
                ListJobs(batchID: batch, statuses: ["queued"], after: 1, limit: 2)
            )
            #expect(jobs.map(\.id) == [2, 3])
            #expect(jobs[0].source == "/in/d.png" && jobs[0].attempts == 0 && jobs[0].mode == "fast")
            #expect(try await database.client.query(ListJobs(ids: [5, 77])).map(\.batchID) == [other])
        }
    }

    @Test("counts jobs by status, exactly for one batch, and up to a bound for all")
    func counts() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add(Array(0..<20), to: batch)
            try await database.sql(
                "UPDATE meshmill.jobs SET state = 'failed', error_code = 'x', completed_at = now() WHERE id <= 15"
            )
            let counts = try await database.client.query(CountBatchJobs(batchID: batch)).filter { $0.jobs > 0 }
            #expect(counts.map { "\($0.jobs) \($0.status)" } == ["5 queued", "15 failed"])
            let capped = try await database.client.query(CountJobs(cap: 10)).filter { $0.jobs > 0 }
            #expect(capped.map { "\($0.jobs) \($0.status) \($0.isCapped)" } == ["5 queued false", "10 failed true"])
            let overview = try #require(try await database.client.query(ListBatches()).first)
            #expect(overview.counts.filter { $0.jobs > 0 }.map(\.status) == ["queued", "failed"])
            #expect(!overview.isCapped)
        }
    }

    @Test("lists tenants, workers, the breaker, the settings and the installation")
    func lists() async throws {
        try await StoreTestDatabase.with { database async throws in
            let client = database.client
            #expect(try await client.query(ListTenants()).map(\.name) == ["default"])
            try await database.sql(
                """
                INSERT INTO meshmill.workers (id, name, version, lease_until, unbroken_since, stopped_at) VALUES
                    (gen_random_uuid(), 'a', '1', now() + interval '30 s', now(), NULL),
                    (gen_random_uuid(), 'b', '1', now() - interval '30 s', now(), NULL),
                    (gen_random_uuid(), 'c', '1', now() - interval '3 days', now(), NULL),
                    (gen_random_uuid(), 'd', '1', now() + interval '30 s', now(), now())
                """
            )
            let workers = try await client.query(ListWorkers()).map { "\($0.name) \($0.status)" }
            #expect(workers.sorted() == ["a running", "b lost"])
            #expect(try await client.query(ReadBreaker()).first?.isOpen == false)
            try await client.execute(SetSetting(name: "lease", value: "10s"))
            #expect(try await client.query(ListSettings()).map(\.value) == ["10s"])
            try await client.execute(SetSetting(name: "lease", value: nil))
            #expect(try await client.query(ListSettings()).isEmpty)
            #expect(try await client.query(ReadInstallation()).first?.isSubmitting == true)
            #expect(try await client.query(RecordArtifactURL("file:///a")) == ["file:///a"])
            #expect(try await client.query(RecordArtifactURL("file:///b")) == ["file:///a"])
        }
    }

    @Test(
        "can be read from every view",
        arguments: [
            "jobs", "batches", "keys", "slots", "orgs", "tenants", "workers", "queue", "ledger", "audit_log",
        ]
    )
    func views(name: String) async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1, 2], to: batch)
            try await database.importKeys([KeyFileRow(line: 1, secret: Secret("sk_hidden"), name: "one")])
            try await database.sql(
                "INSERT INTO meshmill.ledger (kind, observation_id, amount, org_id, period) VALUES ('adjust', gen_random_uuid(), 1, 1, now())"
            )
            let rows = try await database.sql("SELECT to_jsonb(v) FROM ops.\(name) AS v")
            #expect(!rows.isEmpty || name == "workers")
            #expect(!rows.joined().contains("hidden"))
        }
    }
}
