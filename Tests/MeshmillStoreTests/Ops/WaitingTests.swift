import MeshmillStore
import PostgresClient
import Testing

@Suite("Why a job waits, and until when")
struct WaitingTests {
    /// Job 1 is queued; a worker runs and key `a` has a free slot.
    private func withJob(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            _ = try await database.add([1], to: try await database.openBatch())
            try await database.sql(
                """
                INSERT INTO meshmill.orgs (name) VALUES ('o');
                INSERT INTO meshmill.keys (name, org_id, pool_id, ready_at) VALUES ('a', 1, 1, now() - interval '1 s');
                INSERT INTO meshmill.workers (id, name, version, lease_until, unbroken_since)
                VALUES (gen_random_uuid(), 'w', '1', now() + interval '1 hour', now())
                """
            )
            try await body(database)
        }
    }

    @Test(
        "names the first thing that binds, in words that say what to do",
        arguments: [
            ("SELECT", "turn", false, "as soon as"),
            ("UPDATE meshmill.installation SET submitting = false", "stopped", false, "meshmill start"),
            ("UPDATE meshmill.batches SET state = 'paused'", "paused", false, "batch 1 is paused"),
            ("UPDATE meshmill.tenants SET paused = true", "paused", false, "tenant default is paused"),
            ("UPDATE meshmill.pools SET paused = true", "paused", false, "pool default is paused"),
            ("UPDATE meshmill.batches SET max_credits = 5, used = 5", "credits", false, "may spend 5 credits"),
            ("UPDATE meshmill.tenants SET monthly_budget = 3, reserved = 3", "budget", true, "its 3 credits"),
            ("UPDATE meshmill.keys SET state = 'removed'", "no_key", false, "pool default has no key"),
            (
                "UPDATE meshmill.keys SET monthly_limit = 7, monthly_used = 7", "quota", true,
                "1 of 1 have used their month"
            ),
            (
                "UPDATE meshmill.keys SET state = 'parked', probe_at = now() + interval '1 h'", "quota", true,
                "have used their month"
            ),
            (
                "UPDATE meshmill.orgs SET credits_remaining = 0, parked_until = now() + interval '1 h'", "credits",
                true,
                "out of credits"
            ),
            ("UPDATE meshmill.keys SET state = 'paused'", "no_key", false, "1 of 1 are paused or draining"),
            (
                "UPDATE meshmill.keys SET state = 'disabled', probe_at = now() + interval '1 h'", "no_key", true,
                "1 refused by the provider"
            ),
            (
                "UPDATE meshmill.breaker SET is_open = true, probe_at = now() + interval '1 min', reason = 'BACKEND_ERROR'",
                "breaker", true, "BACKEND_ERROR"
            ),
            ("UPDATE meshmill.workers SET stopped_at = now()", "no_worker", false, "meshmill worker"),
            ("UPDATE meshmill.keys SET ready_at = now() + interval '5 min'", "slot", true, "the next is of a"),
            (
                "UPDATE meshmill.keys SET blocked_until = now() + interval '5 min'", "slot", true,
                "no slot is free on the key"
            ),
            (
                """
                INSERT INTO meshmill.tenants (name, pool_id, virtual_time, backlogged) VALUES ('first', 1, -1, true)
                """, "share", false, "tenant first is served first"
            ),
            (
                "UPDATE meshmill.jobs SET state = 'scheduled', run_at = now() + interval '1 min', error = 'a 503'",
                "backoff", true, "after a 503"
            ),
            (
                "UPDATE meshmill.jobs SET state = 'scheduled', run_at = now(), error_code = 'unknown_reset'", "unknown",
                true,
                "tried again"
            ),
            ("UPDATE meshmill.jobs SET state = 'held', error_code = 'ambiguous'", "held", false, "(ambiguous)"),
        ]
    )
    func binds(change: String, reason: String, hasEnd: Bool, words: String) async throws {
        try await withJob { database async throws in
            try await database.sql(change)
            let why = try #require(try await database.client.query(WhyWaiting(jobID: 1)).first)
            #expect(why.reason == reason && (why.until != nil) == hasEnd && why.detail.contains(words), "\(why)")
            let sentence = try #require(try await database.client.query(ExplainJob(jobID: 1)).first.flatMap(\.self))
            #expect(sentence.hasPrefix("job 1 waits: \(why.detail)"))
            guard why.status == "queued" else { return }
            #expect(
                try await database.sql("SELECT batch_id, reason, jobs, capped FROM ops.waiting") == ["1|\(reason)|1|f"]
            )
        }
    }

    @Test("says what a job does that does not wait, and nothing of one that is not there")
    func doesNotWait() async throws {
        try await withJob { database async throws in
            let client = database.client
            try await database.sql("UPDATE meshmill.jobs SET state = 'failed', error = 'no mesh', completed_at = now()")
            #expect(try await client.query(WhyWaiting(jobID: 1)).isEmpty)
            #expect(try await client.query(ExplainJob(jobID: 1)) == ["job 1 does not wait: it is failed, no mesh"])
            #expect(try await client.query(ExplainJob(jobID: 9)) == [nil])
        }
    }

    @Test("counts the jobs of the tenant that are before it, by priority and age")
    func counts() async throws {
        try await withJob { database async throws in
            _ = try await database.add([2, 3, 4], to: 1)
            try await database.sql("UPDATE meshmill.jobs SET priority = 1 WHERE id = 4")
            let sentence = try await database.client.query(ExplainJob(jobID: 2)).first.flatMap(\.self)
            #expect(sentence?.hasSuffix("; 2 jobs of tenant default are before it") == true)
        }
    }

    @Test("one number says what could run now")
    func autoscales() async throws {
        try await withJob { database async throws in
            _ = try await database.add([2, 3], to: 1)
            #expect(try await database.sql("SELECT * FROM ops.autoscale") == ["1"])
            try await database.sql(
                "INSERT INTO meshmill.keys (name, org_id, pool_id) SELECT 'k' || g, 1, 1 FROM generate_series(1, 9) AS g"
            )
            #expect(try await database.sql("SELECT * FROM ops.autoscale") == ["3"])
            try await database.sql("UPDATE meshmill.installation SET submitting = false")
            #expect(try await database.sql("SELECT * FROM ops.autoscale") == ["0"])
        }
    }
}
