import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Whose fault many answers are", .timeLimit(.minutes(2)))
struct AttributionTests {
    /// Keys that the provider accepted an hour ago.
    private func accept(_ yard: Yard, _ keys: Int) async throws {
        try await yard.addKeys(keys, setting: "accepted_at = meshmill.clock() - interval '1 hour'")
        try await yard.addJobs(50)
    }

    @Test("three keys refused alike at once blame the provider: the breaker opens and no key stays benched")
    func unauthorizedTogether() async throws {
        try await Yard.with { yard in
            try await accept(yard, 5)
            let claims = try await yard.claim(5)
            for claim in claims { try await yard.settle([claim], .unauthorized) }
            let disabled = try await yard.number("SELECT count(*) FROM meshmill.keys WHERE state <> 'active'")
            #expect(disabled == 0)
            let breaker = try await yard.client.query(ReadBreaker())
            #expect(breaker.first?.isOpen == true && breaker.first?.blame == "unauthorized")
            #expect(breaker.first?.reason?.contains("Invalid API key") == true)
            let failed = try await yard.number("SELECT count(*) FROM meshmill.jobs WHERE state <> 'queued'")
            #expect(failed == 0, "the backlog is as it was")
            // A probe that meets the same keeps it open and benches nobody; two that are accepted close it.
            try await yard.pass(6)
            let refused = try await yard.claim(1, probe: true)
            try await yard.settle(refused, .unauthorized)
            let still = try await yard.number("SELECT count(*) FROM meshmill.keys WHERE state = 'active'")
            #expect(still == 5)
            for _ in 0..<2 { try await yard.settle(try await yard.claim(1, probe: true), .accepted) }
            let closed = try await yard.client.query(ReadBreaker()).first
            #expect(closed?.isOpen == false && closed?.blame == nil)
        }
    }

    @Test("one revoked key among many is benched, and the breaker stays closed")
    func oneKey() async throws {
        try await Yard.with { yard in
            try await accept(yard, 5)
            let claims = try await yard.claim(5)
            try await yard.settle(Array(claims[1...]), .accepted)
            try await yard.settle([claims[0]], .unauthorized)
            let disabled = try await yard.number("SELECT count(*) FROM meshmill.keys WHERE state = 'disabled'")
            #expect(disabled == 1)
            #expect(try await yard.client.query(ReadBreaker()).first?.isOpen == false)
        }
    }

    @Test("keys that were never accepted are tried once each and benched, however many are refused alike")
    func neverAccepted() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(5)
            try await yard.addJobs(50)
            try await yard.settle(try await yard.claim(5), .unauthorized)
            let disabled = try await yard.number("SELECT count(*) FROM meshmill.keys WHERE state = 'disabled'")
            #expect(disabled == 5)
            #expect(try await yard.client.query(ReadBreaker()).first?.isOpen == false)
            #expect(try await yard.claim(5).isEmpty)
        }
    }

    @Test("many 429s at once stop the pool, and the holds stay as the provider said")
    func limitedTogether() async throws {
        try await Yard.with { yard in
            try await accept(yard, 4)
            var limited = AnswerEffect.limited
            limited.verdict = .rateLimited
            try await yard.settle(try await yard.claim(4), limited)
            #expect(try await yard.client.query(ReadBreaker()).first?.blame == "rate_limited")
            let held = try await yard.number(
                "SELECT count(*) FROM meshmill.keys WHERE blocked_until > meshmill.clock()"
            )
            #expect(held == 4)
        }
    }

    @Test("the third CREDIT_ERROR in a row parks the org alone; other orgs go on")
    func creditErrors() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3, org: "broken")
            try await yard.addKeys(3, org: "fine")
            try await yard.run("UPDATE meshmill.keys SET accepted_at = meshmill.clock() - interval '1 hour'")
            try await yard.addJobs(50)
            let effect = AnswerEffect(
                .refused,
                credit: .doubt,
                job: .schedule(.seconds(30)),
                verdict: .creditError,
                code: "CREDIT_ERROR",
                message: "x"
            )
            let claims = try await yard.claim(6)
            try await yard.settle(claims.filter { $0.keyName.hasPrefix("fine") }, .accepted)
            try await yard.settle(claims.filter { $0.keyName.hasPrefix("broken") }, effect)
            let parked = try await yard.text(
                "SELECT string_agg(name, ' ') FROM meshmill.orgs WHERE parked_until > meshmill.clock()"
            )
            #expect(parked == "broken")
            #expect(try await yard.client.query(ReadBreaker()).first?.isOpen == false)
            let spent = try await yard.number("SELECT sum(failures + provider_failures) FROM meshmill.jobs")
            #expect(spent == 0, "nothing is counted against the jobs")
        }
    }

    @Test("five jobs in a row refused with one code pause their batch; a job that is accepted resumes it")
    func fiveRefusals() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(12)
            try await yard.addJobs(50, out: "/bad")
            // Claimed before the first answer: seven more than it takes.
            try await yard.settle(try await yard.claim(12), .rejected)
            let failed = try await yard.number("SELECT count(*) FROM meshmill.jobs WHERE state = 'failed'")
            #expect(failed == 5, "the backlog does not fail with them")
            let waiting = try await yard.number("SELECT count(*) FROM meshmill.jobs WHERE state = 'scheduled'")
            #expect(waiting == 7)
            let shown = try await yard.text("SELECT status || ' ' || paused_reason FROM ops.batches")
            #expect(shown?.hasPrefix("paused five jobs in a row were refused with IMAGE_VALIDATION_ERROR") == true)
            #expect(try await yard.claim(12).isEmpty)
            // Another batch is not meant.
            try await yard.addJobs(1, out: "/good")
            let other = try await yard.claim(12)
            #expect(other.count == 1)
            try await yard.settle(other, .accepted)
            try await yard.pass(31)
            let probe = try await yard.claim(12)
            #expect(probe.count == 1, "one job at a time")
            try await yard.settle(probe, .rejected)
            #expect(try await yard.claim(12).isEmpty, "the wait doubles")
            try await yard.pass(61)
            let second = try await yard.claim(12)
            #expect(second.count == 1 && second.map(\.jobID) != probe.map(\.jobID), "another job is tried")
            try await yard.settle(second, .accepted)
            let open = try await yard.text("SELECT status FROM ops.batches WHERE out = '/bad'")
            #expect(open == "open")
            #expect(try await yard.claim(12).count == 12)
        }
    }

    @Test("a person ends the pause at once")
    func releasedByPerson() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(5)
            try await yard.addJobs(50)
            try await yard.settle(try await yard.claim(5), .rejected)
            #expect(try await yard.text("SELECT status FROM ops.batches") == "paused")
            try await yard.run("SELECT ops.release_batch(batch_id, 'seen') FROM ops.batches")
            #expect(try await yard.text("SELECT status FROM ops.batches") == "open")
            #expect(try await yard.claim(5).count == 5)
        }
    }

    @Test("the same job refused twice is one job, and an accepted one ends the row")
    func notInARow() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(20)
            try await yard.addJobs(50)
            var once = AnswerEffect.rejected
            once.job = .queue
            for _ in 0..<6 { try await yard.settle(try await yard.claim(1), once) }
            #expect(try await yard.text("SELECT status FROM ops.batches") == "open")
            let claims = try await yard.claim(5)
            try await yard.settle(Array(claims[..<3]), .rejected)
            try await yard.settle([claims[3]], .accepted)
            try await yard.settle([claims[4]], .rejected)
            #expect(try await yard.text("SELECT status FROM ops.batches") == "open")
        }
    }

    @Test("the breaker is reset by a person, in the audit log")
    func reset() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(5)
            try await yard.addJobs(9)
            try await yard.settle(try await yard.claim(3), .unavailable)
            #expect(try await yard.claim(1).isEmpty)
            #expect(try await yard.client.query(ResetBreaker(reason: "they called")) == [true])
            #expect(try await yard.claim(2).count == 2)
            #expect(
                try await yard.text("SELECT reason FROM ops.audit_log WHERE what = 'reset_breaker'") == "they called"
            )
        }
    }

    @Test("a base URL that leads nowhere opens the breaker with its first answer")
    func broken() async throws {
        try await Yard.with { yard in
            try await accept(yard, 2)
            let gone = AnswerEffect(
                .refused,
                credit: .release,
                job: .queue,
                provider: .broken,
                code: "x",
                message: "404"
            )
            try await yard.settle(try await yard.claim(1), gone)
            #expect(try await yard.client.query(ReadBreaker()).first?.isOpen == true)
        }
    }

    @Test("an open breaker's probe goes to the key with most free slots")
    func probeKey() async throws {
        try await Yard.with { yard in
            try await accept(yard, 3)
            try await yard.run(
                "UPDATE meshmill.slots SET free_at = meshmill.clock() + interval '1 day' WHERE key_id <> 2 AND ordinal > 0"
            )
            try await yard.settle(try await yard.claim(3), .unavailable)
            try await yard.pass(31)
            #expect(try await yard.claim(1, probe: true).map(\.keyName) == ["org-2"])
        }
    }
}
