import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Settling and leases", .timeLimit(.minutes(2)))
struct SettleTests {
    private let mesh = GenerationResult.End.completed(.init(sha256: "00ff", bytes: 2, outputs: []))

    @Test("the first answer of an attempt wins; a second one changes nothing")
    func firstWins() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            let claim = try await yard.claim(1)
            let first = try await yard.settle(claim, .accepted)
            #expect(first.map(\.isAccepted) == [true])
            let second = try await yard.settle(claim, .limited)
            #expect(second.map(\.isAccepted) == [false])
            let state = try await yard.text("SELECT state FROM meshmill.jobs")
            #expect(state == "generating")
            let entries = try await yard.text("SELECT string_agg(kind::text, ' ' ORDER BY id) FROM meshmill.ledger")
            #expect(entries == "reserve charge")
        }
    }

    @Test("of two answers or ends of one attempt in a batch the first counts")
    func firstOfBatch() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(2)
            let claim = try await yard.claim(2)
            let rows = try await yard.settle(claim + claim.reversed(), .accepted)
            #expect(rows.map(\.isAccepted) == [true, true])
            let failed = GenerationResult.End.failed(.fail, count: .own, code: "generation_failed", message: "x")
            let results = [failed, mesh].map { end in
                GenerationResult(
                    attemptID: claim[0].attemptID,
                    jobID: claim[0].jobID,
                    leaseEpoch: claim[0].leaseEpoch,
                    end: end,
                    refunded: true
                )
            }
            let ends = try await yard.client.query(FinishGenerations(worker: yard.worker, results: results))
            #expect(ends.map(\.isAccepted) == [true])
            let state = "SELECT state FROM meshmill.jobs WHERE id = \(claim[0].jobID)"
            #expect(try await yard.text(state) == "failed")
            #expect(try await yard.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
        }
    }

    @Test("a zombie cannot complete an adopted job, and its adopter can")
    func zombie() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            let claim = try await yard.claim(1)
            try await yard.settle(claim, .accepted)
            let heir = UUID()
            try await yard.beat(heir)
            try await yard.pass(20, keepingLease: false)
            try await yard.beat(heir)
            let early = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(early.isEmpty, "the lease has not run out")
            try await yard.pass(15, keepingLease: false)
            try await yard.beat(heir)
            let orphans = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(orphans.map(\.jobID) == claim.map(\.jobID))
            #expect(orphans.first?.generationID == "g\(claim[0].attemptID)")
            let late = try await yard.finish(claim[0], mesh)
            #expect(!late)
            let state = try await yard.text("SELECT state FROM meshmill.jobs")
            #expect(state == "generating")
            let result = GenerationResult(
                attemptID: claim[0].attemptID,
                jobID: claim[0].jobID,
                leaseEpoch: orphans[0].leaseEpoch,
                end: mesh
            )
            let done = try await yard.client.query(FinishGenerations(worker: heir, results: [result]))
            #expect(done.map(\.isAccepted) == [true])
        }
    }

    @Test("a worker that was cut off itself adopts nothing before a whole lease of contact")
    func cutOff() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            try await yard.settle(try await yard.claim(1), .accepted)
            let heir = UUID()
            try await yard.beat(heir)
            // The database was away for everybody.
            try await yard.pass(100, keepingLease: false)
            try await yard.beat(heir)
            let orphans = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(orphans.isEmpty)
        }
    }

    @Test("LESSON 6: a worker that lost a job and adopted it back cannot finish it as who it was before")
    func earlierSelf() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            let claim = try await yard.claim(1)
            try await yard.settle(claim, .accepted)
            let heir = UUID()
            try await handOver(yard, from: yard.worker, to: heir)
            try await handOver(yard, from: heir, to: yard.worker)
            #expect(try await yard.text("SELECT worker_id FROM meshmill.jobs") == yard.worker.uuidString.lowercased())
            #expect(try await yard.finish(claim[0], mesh) == false)
            #expect(try await yard.text("SELECT state FROM meshmill.jobs") == "generating")
        }
    }

    /// One worker ends in order, and another takes its jobs, back on its feet if it had ended itself.
    private func handOver(_ yard: Yard, from giver: UUID, to taker: UUID) async throws {
        try await yard.client.execute(HandOver(worker: giver))
        try await yard.beat(taker)
        try await yard.run("UPDATE meshmill.workers SET stopped_at = NULL WHERE id = '\(taker)'")
        let orphans = try await yard.client.query(AdoptOrphans(worker: taker, lease: yard.lease, limit: 10))
        #expect(orphans.count == 1)
    }

    @Test("LESSON 5: a job is adopted by its lease, also when its worker's row is gone")
    func missingWorker() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            try await yard.settle(try await yard.claim(1), .accepted)
            let heir = UUID()
            try await yard.beat(heir)
            try await yard.pass(20, keepingLease: false)
            try await yard.beat(heir)
            try await yard.pass(20, keepingLease: false)
            try await yard.beat(heir)
            try await yard.run("DELETE FROM meshmill.workers WHERE id = '\(yard.worker)'")
            let orphans = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(orphans.count == 1)
        }
    }

    @Test("what a worker hands over in order is adopted at once")
    func handOver() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            try await yard.settle(try await yard.claim(1), .accepted)
            try await yard.client.execute(HandOver(worker: yard.worker))
            let heir = UUID()
            try await yard.beat(heir)
            let orphans = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(orphans.count == 1)
        }
    }

    @Test("a dead worker's POST is not sent again before it cannot be counted any more; its late answer still counts")
    func lostWorker() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            let claim = try await yard.claim(1)
            try await yard.client.execute(HandOver(worker: yard.worker))
            let heir = UUID()
            try await yard.beat(heir)
            let early = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(early.isEmpty)
            try await yard.pass(7, keepingLease: false)
            let orphans = try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
            #expect(orphans.map(\.state) == [.submitting])
            try await yard.settle(claim, .lost, as: heir)
            let waiting = try await yard.text("SELECT state FROM meshmill.jobs")
            #expect(waiting == "scheduled")
            // The frozen worker wakes up with the answer: a fact about its attempt.
            let rows = try await yard.settle(claim, .accepted)
            #expect(rows.map(\.isMoved) == [true])
            #expect(rows.first?.leaseEpoch == claim[0].leaseEpoch + 1)
            let state = try await yard.text("SELECT state FROM meshmill.jobs")
            #expect(state == "generating")
        }
    }

    @Test("an id that comes after the job was sent again is kept as a paid duplicate, and the job goes its way")
    func paidTwice() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(1)
            let first = try await yard.claim(1)
            try await yard.settle(first, .lost)
            try await yard.pass(901)
            try await yard.beat()
            _ = try await yard.client.query(PromoteJobs(limit: 10))
            let second = try await yard.claim(1)
            #expect(second.map(\.jobID) == first.map(\.jobID))
            try await yard.settle(second, .accepted)
            let late = try await yard.settle(first, .accepted)
            #expect(late.map(\.isAccepted) == [true])
            #expect(late.map(\.isMoved) == [false])
            let flagged = try await yard.number("SELECT count(*) FROM meshmill.attempts WHERE paid_twice")
            #expect(flagged == 1)
            let done = try await yard.finish(second[0], mesh)
            #expect(done)
        }
    }

    @Test("a late answer ends the hold of its doubt and opens the batch again; a person's hold outlasts it")
    func lateAnswerOfHeld() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(2)
            let claim = try await yard.claim(2)
            try await yard.settle(
                [claim[0]],
                AnswerEffect(.unknown, slot: .keep, credit: .doubt, job: .hold, count: .unknown, code: "unknown_reset")
            )
            try await yard.settle([claim[1]], .lost)
            try await yard.run("SELECT meshmill.act_on_jobs('hold', ARRAY[\(claim[1].jobID)]::bigint[], 'looks odd')")
            try await yard.run("UPDATE meshmill.batches SET state = 'finished'")
            let rows = try await yard.settle(claim, AnswerEffect(.unsent, slot: .free, credit: .release, job: .queue))
            #expect(Set(rows.filter(\.isMoved).map(\.attemptID)) == [claim[0].attemptID])
            let first = try await yard.text("SELECT state FROM meshmill.jobs WHERE id = \(claim[0].jobID)")
            #expect(first == "queued")
            let second = try await yard.text("SELECT state FROM meshmill.jobs WHERE id = \(claim[1].jobID)")
            #expect(second == "held")
            let batch = try await yard.text("SELECT state FROM meshmill.batches")
            #expect(batch == "open")
        }
    }

    @Test("a late worker cannot free the slot of the next holder")
    func slotMatch() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            try await yard.addJobs(2)
            let first = try await yard.claim(1)
            try await yard.settle(first, .lost)
            try await yard.pass(910)
            try await yard.beat()
            let second = try await yard.claim(1)
            #expect(second.count == 1)
            let before = try await yard.text("SELECT free_at FROM meshmill.slots")
            try await yard.settle(first, AnswerEffect(.unsent, slot: .free, credit: .release, job: .queue))
            let after = try await yard.text("SELECT free_at FROM meshmill.slots")
            #expect(before == after)
        }
    }

    @Test("the ledger balances through charge, refund, release and doubt, and cannot be rewritten")
    func ledger() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(4)
            try await yard.addJobs(4)
            let claim = try await yard.claim(4)
            try await yard.settle([claim[0]], .accepted)
            try await yard.settle(
                [claim[1]],
                AnswerEffect(.refused, credit: .refund(1), job: .schedule(.seconds(30)), count: .provider)
            )
            try await yard.settle([claim[2]], .limited)
            try await yard.settle([claim[3]], .lost)
            let accepted = try await yard.finish(
                claim[0],
                .failed(.fail, count: .own, code: "generation_failed", message: "x"),
                refunded: true
            )
            #expect(accepted)
            for table in ["keys", "orgs", "tenants", "batches"] {
                let reserved = try await yard.number("SELECT sum(reserved) FROM meshmill.\(table)")
                #expect(reserved == 1, "only the doubt is reserved in \(table)")
            }
            try await yard.pass(1_000)
            let charged = try await yard.client.execute(ChargeDoubts())
            #expect(charged == 1)
            for (table, column) in [("keys", "monthly_used"), ("tenants", "monthly_used"), ("batches", "used")] {
                let used = try await yard.number("SELECT sum(\(column)) FROM meshmill.\(table)")
                let fold = try await yard.number(
                    "SELECT sum(CASE kind WHEN 'charge' THEN amount WHEN 'refund' THEN -amount ELSE 0 END) FROM meshmill.ledger"
                )
                #expect(used == 1 && fold == 1, "\(table)")
            }
            await #expect(throws: PostgresError.self) { try await yard.run("UPDATE meshmill.ledger SET amount = 0") }
            await #expect(throws: PostgresError.self) { try await yard.run("DELETE FROM meshmill.ledger") }
        }
    }

    @Test("LESSON 7: the database itself refuses a second entry of a kind for an attempt")
    func uniqueStep() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            try await yard.settle(try await yard.claim(1), .accepted)
            for kind in ["reserve", "charge"] {
                let error = await #expect(throws: PostgresError.self) {
                    try await yard.run(
                        """
                        INSERT INTO meshmill.ledger
                            (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period, key_month)
                        SELECT kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period, key_month
                        FROM meshmill.ledger WHERE kind = '\(kind)'
                        """
                    )
                }
                #expect(error?.sqlState == .uniqueViolation)
            }
        }
    }

    @Test("three provider failures in a row open the breaker; two probes that succeed close it")
    func breaker() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(9)
            try await yard.addJobs(10)
            try await yard.settle(try await yard.claim(2), .unavailable)
            let still = try await yard.claim(1)
            #expect(still.count == 1)
            try await yard.settle(still, .unavailable)
            let open = try await yard.claim(1)
            #expect(open.isEmpty)
            let tooEarly = try await yard.client.query(TakeProbe(for: .seconds(60)))
            #expect(tooEarly == [false])
            try await yard.pass(31)
            try await yard.beat()
            let taken = try await yard.client.query(TakeProbe(for: .seconds(60)))
            #expect(taken == [true])
            let again = try await yard.client.query(TakeProbe(for: .seconds(60)))
            #expect(again == [false], "one probe at a time")
            let probe = try await yard.claim(1, probe: true)
            #expect(probe.map(\.isProbe) == [true])
            try await yard.settle(probe, .accepted)
            try await yard.settle(try await yard.claim(1, probe: true), .accepted)
            let closed = try await yard.text("SELECT is_open FROM meshmill.breaker")
            #expect(closed == "f")
            let ramp = try await yard.claim(5)
            #expect(ramp.count == 1, "one POST in flight at first")
        }
    }

    @Test("a parked key comes back by itself, with one real job as its probe")
    func parkedKey() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(5)
            let park = AnswerEffect(
                .refused,
                credit: .release,
                job: .queue,
                key: .park(.seconds(3_600), cap: .seconds(86_400)),
                code: "KEY_LIMIT_EXCEEDED",
                message: "x"
            )
            try await yard.settle(try await yard.claim(1), park)
            let parked = try await yard.claim(5)
            #expect(parked.isEmpty)
            try await yard.pass(3_601)
            try await yard.beat()
            let probe = try await yard.claim(5)
            #expect(probe.map(\.isProbe) == [true])
            try await yard.settle(probe, park)
            try await yard.pass(3_601)
            try await yard.beat()
            let doubled = try await yard.claim(5)
            #expect(doubled.isEmpty, "the wait doubles")
            try await yard.pass(3_601)
            try await yard.beat()
            try await yard.settle(try await yard.claim(5), .accepted)
            let state = try await yard.text("SELECT state FROM meshmill.keys")
            #expect(state == "active")
        }
    }
}
