import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Putting old jobs away", .timeLimit(.minutes(2)))
struct RetentionTests {
    /// Six jobs of one batch, completed a hundred days ago, with their POSTs and ledger.
    private func withOldJobs(_ body: (Yard) async throws -> Void) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(6)
            try await yard.addJobs(6)
            let claim = try await yard.claim(6)
            try await yard.settle(claim, .accepted)
            for attempt in claim {
                let mesh = GenerationResult.End.completed(.init(sha256: "00ff", bytes: 2, outputs: []))
                _ = try await yard.finish(attempt, mesh)
            }
            try await yard.run(
                """
                INSERT INTO meshmill.outputs (batch_id, output, job_id, source)
                SELECT j.batch_id, j.id || '.glb', j.id, '/s/' || j.id FROM meshmill.jobs AS j;
                UPDATE meshmill.batches SET state = 'finished'
                """
            )
            try await yard.pass(100 * 86_400, keepingLease: false)
            try await body(yard)
        }
    }

    private func archive(_ yard: Yard) async throws {
        try await yard.client.execute(ArchiveJobs())
        let atHand = try await yard.text(
            "SELECT (SELECT count(*) FROM meshmill.jobs) || ' ' || (SELECT count(*) FROM meshmill.attempts) || ' '"
                + " || (SELECT count(*) FROM meshmill.ledger)"
        )
        #expect(atHand == "0 0 0")
    }

    @Test("lists, exports, counts and the ledger find them as before")
    func found() async throws {
        try await withOldJobs { yard in
            let question = """
                SELECT (SELECT string_agg(j::text, ';' ORDER BY j.job_id) FROM ops.jobs AS j)
                    || (SELECT string_agg(l::text, ';' ORDER BY l.entry_id) FROM ops.ledger AS l)
                    || (SELECT string_agg(c::text, ';' ORDER BY c.state) FROM meshmill.batch_counts(1) AS c)
                    || (SELECT string_agg(c::text, ';' ORDER BY c.state) FROM meshmill.job_counts(100) AS c)
                    || (SELECT string_agg(t::text, ';' ORDER BY t.subject)
                        FROM unnest('{key,tenant,batch,day}'::text[]) AS by,
                             meshmill.ledger_totals(by, NULL, NULL) AS t)
                """
            let before = try await yard.text(question)
            let export = try await yard.client.query(ExportJobs(batchID: 1)).map(\.job.id)
            let entries = try await yard.client.query(ListLedger())
            try await archive(yard)
            #expect(try await yard.text(question) == before)
            #expect(try await yard.client.query(ExportJobs(batchID: 1)).map(\.job.id) == export)
            #expect(export.count == 6)
            #expect(try await yard.client.query(ListLedger()) == entries)
            #expect(entries.count == 12 && entries.allSatisfy { $0.jobID != nil })
            #expect(try await yard.client.query(ListJobs(batchID: 1)).map(\.id) == [1, 2, 3, 4, 5, 6])
            #expect(try await yard.client.query(ListJobs(ids: [4])).map(\.status) == ["completed"])
            #expect(try await yard.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
        }
    }

    @Test("what still counts in a window stays at hand, however early jobs are to be put away")
    func inWindow() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "rate_limit = 1")
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            try await yard.run("SELECT meshmill.set_setting('archive_after', '1 min', NULL)")
            try await yard.addJobs(1)
            let attempt = try #require(try await yard.claim(1).first)
            try await yard.settle([attempt], .accepted)
            _ = try await yard.finish(attempt, .completed(.init(sha256: "00ff", bytes: 2, outputs: [])))
            try await yard.run("UPDATE meshmill.batches SET state = 'finished'")
            try await yard.pass(600, keepingLease: false)
            try await yard.client.execute(ArchiveJobs())
            // As whatever is changed live does.
            try await yard.run("SELECT meshmill.rebuild_slots(ARRAY(SELECT id FROM meshmill.keys))")
            #expect(try await yard.number("SELECT count(*) FROM meshmill.slots WHERE free_at > meshmill.clock()") == 1)
            try await yard.pass(2_000, keepingLease: false)
            try await archive(yard)
        }
    }

    @Test("a submission brings back what it names, so that nothing is made twice")
    func comesBack() async throws {
        try await withOldJobs { yard in
            try await archive(yard)
            let back = try await yard.number("SELECT meshmill.restore_jobs(1, '{}', ARRAY['1.glb', '2.glb'])")
            #expect(back == 2)
            let rows = try await yard.text(
                "SELECT string_agg(j.state::text, ' ') || ' ' || (SELECT count(*) FROM meshmill.attempts) || ' '"
                    + " || (SELECT count(*) FROM meshmill.ledger) FROM meshmill.jobs AS j"
            )
            #expect(rows == "completed completed 2 4")
            #expect(try await yard.number("SELECT count(*) FROM ops.jobs") == 6)
            #expect(try await yard.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
        }
    }

    @Test("who names a failed one, or its batch, runs it again")
    func retried() async throws {
        try await withOldJobs { yard in
            try await yard.run("UPDATE meshmill.jobs SET state = 'failed', error_code = 'x' WHERE id <= 3")
            try await archive(yard)
            let found = "SELECT count(*) FROM meshmill.find_jobs('{failed}', NULL, NULL, NULL, NULL, NULL, 9)"
            #expect(try await yard.number(found) == 0, "a filter acts on what is at hand")
            let question = "SELECT string_agg(j.id || ' ' || j.state, ', ' ORDER BY j.id) FROM meshmill.jobs AS j"
            #expect(try await yard.text("SELECT ops.retry('{1, 6}')") == "1")
            #expect(try await yard.text(question) == "1 queued", "what is completed stays where it is")
            #expect(try await yard.number("SELECT ops.retry_batch(1)") == 2)
            #expect(try await yard.text(question) == "1 queued, 2 queued, 3 queued")
            #expect(try await yard.text("SELECT state FROM meshmill.batches WHERE id = 1") == "open")
            #expect(try await yard.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
            #expect(try await yard.number("SELECT count(*) FROM ops.jobs") == 6)
        }
    }

    @Test("a plan knows them")
    func planned() async throws {
        try await withOldJobs { yard in
            let fingerprint = try await yard.text("SELECT fingerprint FROM meshmill.jobs WHERE id = 2")
            let plan = RehearseJobs(
                tenant: "default",
                out: "/out",
                outputs: ["2.glb", "new.glb"],
                fingerprints: [try #require(UUID(uuidString: fingerprint ?? "")), UUID()]
            )
            func rehearse() async throws -> [String] {
                try await yard.client.query(plan).map { row in
                    "\(row.position) \(row.outputJobID ?? 0) \(row.equalJobID ?? 0) \(row.equalState ?? "")"
                }
            }
            #expect(try await rehearse() == ["0 2 2 completed"])
            try await archive(yard)
            #expect(try await rehearse() == ["0 2 2 completed"])
        }
    }

    @Test("what may still be charged or run stays at hand")
    func stays() async throws {
        try await withOldJobs { yard in
            try await yard.run(
                """
                UPDATE meshmill.attempts SET reserved = true WHERE id = 1;
                UPDATE meshmill.jobs SET state = 'held', error_code = 'x' WHERE id = 2;
                UPDATE meshmill.jobs SET completed_at = meshmill.clock() WHERE id = 3
                """
            )
            try await yard.client.execute(ArchiveJobs())
            #expect(try await yard.text("SELECT string_agg(id::text, ' ' ORDER BY id) FROM meshmill.jobs") == "1 2 3")
        }
    }

    @Test("a month is dropped as a whole once it need not be kept, and the balances still add up")
    func dropped() async throws {
        try await withOldJobs { yard in
            try await archive(yard)
            try await yard.client.execute(DropMonths())
            #expect(try await yard.number("SELECT count(*) FROM ops.jobs") == 6, "no retention is set")
            try await yard.run("SELECT meshmill.set_setting('retention', '30d', NULL)")
            // The first call forgets the outputs, the second drops the month.
            for _ in 1...2 { try await yard.client.execute(DropMonths()) }
            #expect(try await yard.number("SELECT count(*) FROM ops.jobs") == 0)
            #expect(try await yard.number("SELECT count(*) FROM meshmill.outputs") == 0)
            #expect(try await yard.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
        }
    }
}
