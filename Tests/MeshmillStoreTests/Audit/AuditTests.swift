import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Audit", .timeLimit(.minutes(2)))
struct AuditTests {
    /// A day's work: completed, failed, refused, unknown, waiting, in flight.
    private func work(_ yard: Yard) async throws {
        try await yard.addKeys(8, setting: "monthly_limit = 100")
        try await yard.addJobs(20, setting: "max_credits = 50")
        try await yard.run("UPDATE meshmill.tenants SET monthly_budget = 60")
        let claim = try await yard.claim(6)
        try await yard.settle(Array(claim[..<3]), .accepted)
        try await yard.settle([claim[3]], .limited)
        try await yard.settle([claim[4]], .lost)
        let mesh = GenerationResult.End.completed(.init(sha256: "00ff", bytes: 2, outputs: []))
        _ = try await yard.finish(claim[0], mesh)
        _ = try await yard.finish(
            claim[1],
            .failed(.schedule(.seconds(5)), count: .own, code: "generation_failed", message: "x"),
            refunded: true
        )
        // Job 3 generates, job 6 is submitting, the others wait.
    }

    private func violated(_ yard: Yard) async throws -> [String] {
        try await yard.client.query(RunAudit()).filter { $0.violations > 0 }.map(\.name)
    }

    @Test("a database that was only worked with passes")
    func clean() async throws {
        try await Yard.with { yard in
            try await work(yard)
            let rows = try await yard.client.query(RunAudit())
            #expect(rows.count == 18)
            #expect(rows.filter { $0.violations > 0 }.map { "\($0.name): \($0.findings)" } == [])
            try await yard.pass(2_000)
            try await yard.client.execute(ChargeDoubts())
            #expect(try await violated(yard) == [])
        }
    }

    @Test("an answer that is recorded long after its slot was used again is no violation")
    func lateAnswer() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "rate_limit = 1")
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            try await yard.addJobs(2)
            let first = try #require(try await yard.claim(1).first)
            try await yard.settle([first], .lost)
            try await yard.pass(2_000)
            try await yard.client.execute(ChargeDoubts())
            try await yard.settle(try await yard.claim(1), .accepted)
            #expect(try await violated(yard) == [])
            // As one that lay in a spool is.
            try await yard.pass(10)
            try await yard.run(
                "UPDATE meshmill.attempts SET answered_at = meshmill.clock() WHERE id = \(first.attemptID)"
            )
            #expect(try await violated(yard) == [])
        }
    }

    /// What is corrupted, and the check that must see it.
    struct Corruption: Sendable, CustomTestStringConvertible {
        let check: String
        let sql: String

        var testDescription: String { check + ": " + sql }
    }

    private static let corruptions: [Corruption] = [
        .init(check: "slots_complete", sql: "DELETE FROM meshmill.slots WHERE key_id = 1 AND ordinal = 2"),
        .init(check: "slots_cover_posts", sql: "UPDATE meshmill.slots SET free_at = meshmill.clock() WHERE key_id = 1"),
        .init(
            check: "one_live_attempt_a_job",
            sql: """
                DROP INDEX meshmill.one_live_attempt_a_job;
                UPDATE meshmill.attempts SET job_id = 3 WHERE id = 6
                """
        ),
        .init(
            check: "one_post_in_flight_a_key",
            sql: """
                DROP INDEX meshmill.one_post_in_flight_a_key;
                UPDATE meshmill.attempts SET key_id = 6, state = 'submitting' WHERE id = 5
                """
        ),
        .init(check: "jobs_in_flight_have_attempts", sql: "UPDATE meshmill.jobs SET attempt_id = 1 WHERE id = 3"),
        .init(check: "jobs_in_flight_have_attempts", sql: "UPDATE meshmill.jobs SET state = 'queued' WHERE id = 6"),
        .init(check: "keys_within_month", sql: "UPDATE meshmill.keys SET monthly_limit = 0 WHERE id = 3"),
        .init(check: "tenants_within_budget", sql: "UPDATE meshmill.tenants SET monthly_budget = 1"),
        .init(check: "batches_within_cap", sql: "UPDATE meshmill.batches SET max_credits = 1"),
        .init(
            check: "orgs_within_credits",
            sql:
                "UPDATE meshmill.orgs SET credits_remaining = 1, credits_observed_at = meshmill.clock() - interval '1 day'"
        ),
        .init(check: "reserves_balance", sql: "UPDATE meshmill.keys SET reserved = reserved + 1 WHERE id = 2"),
        .init(check: "reserves_balance", sql: "UPDATE meshmill.orgs SET reserved = 0"),
        .init(check: "charges_balance", sql: "UPDATE meshmill.keys SET monthly_used = 7 WHERE id = 8"),
        .init(check: "charges_balance", sql: "UPDATE meshmill.batches SET used = 0"),
        .init(
            check: "ledger_steps_once",
            sql: """
                INSERT INTO meshmill.ledger (kind, attempt_id, amount, org_id, period)
                VALUES ('release', 1, 1, 1, '2026-01-01')
                """
        ),
        .init(check: "attempts_match_ledger", sql: "UPDATE meshmill.attempts SET credits = 3 WHERE id = 1"),
        .init(check: "open_jobs_can_run", sql: "UPDATE meshmill.batches SET state = 'finished'"),
        .init(
            check: "open_jobs_can_run",
            sql: "UPDATE meshmill.attempts SET state = 'submitting', generation_id = NULL WHERE id = 3"
        ),
        .init(check: "jobs_have_owners", sql: "UPDATE meshmill.jobs SET worker_id = gen_random_uuid() WHERE id = 3"),
        .init(check: "completed_jobs_have_meshes", sql: "UPDATE meshmill.jobs SET glb_bytes = 0 WHERE id = 1"),
        .init(check: "unknown_posts_visible", sql: "UPDATE meshmill.attempts SET error_code = NULL WHERE id = 5"),
        .init(check: "epochs_grow", sql: "UPDATE meshmill.jobs SET lease_epoch = 0 WHERE id = 3"),
    ]

    @Test("a corrupted fact is found", arguments: corruptions)
    func corrupted(_ corruption: Corruption) async throws {
        try await Yard.with { yard in
            try await work(yard)
            // The owner is found missing by others that were in touch.
            try await yard.run("UPDATE meshmill.workers SET unbroken_since = unbroken_since - interval '1 hour'")
            #expect(try await violated(yard) == [])
            try await yard.run(corruption.sql)
            #expect(try await violated(yard).contains(corruption.check))
        }
    }
}
