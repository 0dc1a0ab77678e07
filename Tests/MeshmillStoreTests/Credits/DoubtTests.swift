import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Credits in doubt", .timeLimit(.minutes(2)))
struct DoubtTests {
    @Test("FAULTS 3: the key's number moves by one after a lost answer: not charged, tried again, uncounted")
    func notCharged() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(5)
            try await yard.post(used: 41)
            let lost = try await yard.lose()
            #expect(try await yard.job(of: lost) == "scheduled 1")
            try await yard.post(used: 42)
            #expect(try await yard.verdict(lost) == "0 by key_monthly_used")
            #expect(try await yard.job(of: lost) == "scheduled 0")
            #expect(try await yard.client.query(PromoteJobs(limit: 10)) == [1])
            let again = try await yard.claim(1)
            #expect(again.map(\.jobID) == [lost.jobID])
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("FAULTS 3: it moves by two: charged, tried once more with the same seed, and shown as paid twice")
    func charged() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(5)
            try await yard.run("UPDATE meshmill.jobs SET seed = 7")
            try await yard.post(used: 41)
            let lost = try await yard.lose()
            try await yard.post(used: 43)
            #expect(try await yard.verdict(lost) == "1 by key_monthly_used, paid twice")
            #expect(try await yard.job(of: lost) == "scheduled 1")
            _ = try await yard.client.query(PromoteJobs(limit: 10))
            let again = try await yard.claim(1)
            #expect(again.map(\.jobID) == [lost.jobID])
            #expect(again.map(\.seed) == [7])
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test(
        "a lost POST from before the key's first number is in it: charging it later makes no refund of it",
        arguments: [1, 2]
    )
    func beforeTheFirstNumber(first: Int) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(6)
            let lost = try await yard.lose()
            // With 2 it was charged, with 1 it never arrived: the first number does not tell.
            try await yard.post(used: first)
            try await yard.pass(2_000)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            try await yard.post(used: first + 1)
            try await yard.post(used: first + 2)
            #expect(try await yard.verdict(lost)?.hasPrefix("1 by none") == true)
            #expect(
                try await yard.number("SELECT count(*) FROM meshmill.ledger WHERE kind IN ('refund', 'adjust')") == 0
            )
            #expect(try await yard.number("SELECT used FROM meshmill.batches") == 4)
            #expect(try await yard.number("SELECT monthly_outside FROM meshmill.keys") == 0)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("a refund that a later number shows is that of a later doubt, not of one from before the key's first number")
    func afterTheFirstNumber() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(6)
            let before = try await yard.lose()
            // It was charged, and is in this number.
            try await yard.post(used: 2)
            let after = try await yard.lose()
            try await yard.pass(2_000)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 2)
            // The second one never arrived.
            try await yard.post(used: 3)
            #expect(try await yard.verdict(before)?.hasPrefix("1 by none") == true)
            #expect(try await yard.verdict(after) == "0 by none")
            #expect(try await yard.number("SELECT used FROM meshmill.batches") == 3)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("one of two doubts of two batches came back: neither batch is given a credit that may be the other's")
    func oneOfTwoBatches() async throws {
        for (out, refunded) in [("/out", 1), ("/other", 0)] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(2)
                try await yard.addJobs(1, out: out)
                try await yard.addJobs(3)
                try await yard.post(used: 1)
                for _ in 1...2 {
                    _ = try await yard.lose()
                    try await yard.pass(200)
                }
                try await yard.pass(2_000)
                #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 2)
                try await yard.post(used: 3)
                #expect(
                    try await yard.number("SELECT count(*) FROM meshmill.ledger WHERE kind = 'refund'") == refunded
                )
                // Neither is told of by a second credit that comes back for another reason.
                try await yard.post(used: 3)
                #expect(
                    try await yard.number("SELECT sum(used) FROM meshmill.batches") == 5 - (refunded == 1 ? 2 : 0)
                )
                #expect(try await yard.imbalance() == nil)
            }
        }
    }

    @Test("charges that were none and a month that turned look alike: where nothing is left, they stay charged")
    func orTurned() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(6)
            let failed = try await yard.post(used: 1)
            let end = GenerationResult.End.failed(.fail, count: .own, code: "generation_failed", message: "x")
            #expect(try await yard.finish(failed, end, refunded: true))
            let lost = try await yard.lose()
            try await yard.pass(2_000)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            // Neither of them is in it: both came back, or it is of another month.
            try await yard.post(used: 1)
            #expect(try await yard.verdict(lost)?.hasPrefix("1 by none") == true)
            try await yard.post(used: 2)
            #expect(try await yard.verdict(lost)?.hasPrefix("1 by none") == true)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("an early refund that the org's first number had not in it is not taken for that of a later doubt")
    func refundedBeforeTheFirstNumber() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(9)
            let first = try await yard.claim(2)
            // Of ten credits both took one, and one of them comes back later than was said.
            try await yard.answer(first[0], .unavailable(refunded: true))
            try await yard.answer(first[1], remaining: 8)
            try await yard.post(remaining: 7)
            let lost = try await yard.lose()
            try await yard.pass(2_000)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            // It was charged, and the other one is back by now.
            try await yard.post(remaining: 6)
            try await yard.post(remaining: 5)
            #expect(try await yard.verdict(lost)?.hasPrefix("1 by none") == true)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("a doubt that turns out to be none counts no more, though its job went on before that was known")
    func tooLate() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(2)
            try await yard.post(used: 41)
            let lost = try await yard.lose()
            try await yard.run("UPDATE meshmill.jobs SET run_at = meshmill.clock() WHERE id = \(lost.jobID)")
            #expect(try await yard.client.query(PromoteJobs(limit: 10)) == [1])
            #expect(try await yard.job(of: lost) == "queued 1")
            #expect(try await yard.post(used: 42).jobID == lost.jobID)
            #expect(try await yard.job(of: lost) == "generating 0")
        }
    }

    @Test("a job is not held for its second lost answer where the first turned out to cost nothing in the meantime")
    func heldTooLate() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.run("UPDATE meshmill.keys SET state = 'paused' WHERE id = 2")
            try await yard.addJobs(2)
            try await yard.post(used: 41)
            let lost = try await yard.lose()
            try await yard.run(
                "UPDATE meshmill.keys SET state = CASE id WHEN 1 THEN 'paused' ELSE 'active' END::meshmill.key_state"
            )
            try await yard.run("UPDATE meshmill.jobs SET run_at = meshmill.clock() WHERE id = \(lost.jobID)")
            #expect(try await yard.client.query(PromoteJobs(limit: 10)) == [1])
            let again = try #require(try await yard.claim(1).first)
            #expect(again.jobID == lost.jobID && again.budget.unknowns == 1)
            try await yard.run("UPDATE meshmill.keys SET state = 'active'")
            try await yard.addJobs(1)
            try await yard.post(used: 42)
            #expect(try await yard.verdict(lost) == "0 by key_monthly_used")
            try await yard.answer(again, Self.held)
            #expect(try await yard.job(of: lost) == "scheduled 1")
        }
    }

    /// What a worker makes of a second lost answer to the same job.
    private static let held = AnswerEffect(
        .unknown,
        slot: .keep,
        credit: .doubt,
        job: .hold,
        count: .unknown,
        key: .grace(.seconds(1)),
        code: "unknown_timed_out",
        message: "x"
    )

    @Test("a job held by its second lost answer goes on when that one was not charged, and stays held when it was")
    func held() async throws {
        for (step, state) in [(1, "scheduled 1"), (2, "held 2")] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(5)
                try await yard.run("UPDATE meshmill.jobs SET unknowns = 1")
                try await yard.post(used: 10)
                let lost = try #require(try await yard.claim(1).first)
                try await yard.answer(lost, Self.held)
                try await yard.pass(1.5)
                try await yard.post(used: 10 + step)
                #expect(try await yard.job(of: lost) == state)
            }
        }
    }

    @Test("what a person decided stays so: hold and fail are not moved by evidence, but the credit is")
    func policies() async throws {
        for policy in ["hold", "fail", "retry"] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(5, setting: "on_ambiguous = '\(policy)'")
                try await yard.post(used: 1)
                let lost = try #require(try await yard.claim(1).first)
                var effect = AnswerEffect.lost
                effect.job = policy == "hold" ? .hold : policy == "fail" ? .fail : .schedule(.seconds(1))
                try await yard.answer(lost, effect)
                try await yard.pass(1.5)
                let before = try await yard.text("SELECT state FROM meshmill.jobs WHERE id = \(lost.jobID)")
                try await yard.post(used: 3)
                let after = try await yard.text("SELECT state FROM meshmill.jobs WHERE id = \(lost.jobID)")
                #expect(after == before)
                let isResent = policy == "retry"
                #expect(try await yard.verdict(lost) == "1 by key_monthly_used" + (isResent ? ", paid twice" : ""))
            }
        }
    }

    @Test("without a monthly limit the org's credits tell, if nothing else of the org was under way")
    func credits() async throws {
        for (remaining, verdict) in [(98, "0 by credits_remaining"), (97, "1 by credits_remaining, paid twice")] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(5)
                try await yard.post(remaining: 99)
                let lost = try await yard.lose()
                try await yard.post(remaining: remaining)
                #expect(try await yard.verdict(lost) == verdict)
                #expect(try await yard.number("SELECT credits_remaining FROM meshmill.orgs") == remaining)
                #expect(try await yard.imbalance() == nil)
            }
        }
    }

    @Test("who was topped up while a POST was in doubt cannot tell by its credits whether that was charged")
    func toppedUp() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(remaining: 99)
            let lost = try await yard.lose()
            // It was charged, and the org was given 403.
            for remaining in [500, 499] {
                try await yard.post(remaining: remaining)
                #expect(try await yard.verdict(lost) == "doubt")
            }
            try await yard.pass(910)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            try await yard.post(remaining: 498)
            #expect(try await yard.verdict(lost) == "1 by none, paid twice")
            #expect(try await yard.number("SELECT credits_remaining FROM meshmill.orgs") == 498)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("nor does a top-up leave room for a refund that nobody told of")
    func toppedUpAfterwards() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(remaining: 99)
            let lost = try await yard.lose()
            try await yard.pass(910)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            for remaining in [97, 500, 499, 498] {
                try await yard.post(remaining: remaining)
                #expect(try await yard.verdict(lost) == "1 by none, paid twice")
                #expect(try await yard.number("SELECT credits_remaining FROM meshmill.orgs") == remaining)
            }
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("with another POST of the org under way the credits tell nothing, and after a window it counts as charged")
    func undecided() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(9)
            let first = try await yard.claim(2)
            try await yard.answer(first[0], remaining: 99)
            try await yard.answer(first[1], remaining: 98)
            let second = try await yard.claim(2)
            try await yard.answer(second[0], .lost)
            try await yard.answer(second[1], remaining: 97)
            try await yard.pass(1.5)
            #expect(try await yard.verdict(second[0]) == "doubt")
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 0, "the window is not over")
            try await yard.pass(910)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            #expect(try await yard.verdict(second[0]) == "1 by none, paid twice")
            // The credits were first told with POSTs under way, so one more than expected proves no refund.
            try await yard.post(remaining: 96)
            #expect(try await yard.verdict(second[0]) == "1 by none, paid twice")
            #expect(try await yard.number("SELECT credits_remaining FROM meshmill.orgs") == 96)
            #expect(try await yard.imbalance() == nil)
            #expect(try await yard.corrections() == nil)
        }
    }

    @Test("two doubts of which one was charged: neither is known, both count as charged until the counter says less")
    func partly() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(used: 1)
            let lost = [try await yard.lose(), try await yard.lose()]
            try await yard.post(used: 3)
            #expect(try await yard.verdict(lost[0]) == "doubt")
            #expect(try await yard.verdict(lost[1]) == "doubt")
            try await yard.pass(910)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 2)
            try await yard.post(used: 4)
            #expect(try await yard.number("SELECT monthly_used FROM meshmill.keys") == 4)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("FAULTS 19: a refund that may still come spoils the evidence of the key's number")
    func openRefund() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(used: 1)
            let failed = try #require(try await yard.claim(1).first)
            try await yard.answer(failed, .unavailable(refunded: true))
            let lost = try await yard.lose()
            // 1 + the failed one if its refund is late, or + the lost one, + this: nobody can tell.
            try await yard.post(used: 3)
            #expect(try await yard.verdict(lost) == "doubt")
        }
    }

    @Test("FAULTS 11: a late answer of an attempt that was decided is booked once, whatever was decided")
    func lateAnswer() async throws {
        for used in [2, 3] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(9)
                try await yard.post(used: 1)
                let lost = try await yard.lose()
                try await yard.post(used: used)
                let row = try await yard.answer(lost, used: 2)
                #expect(row.isAccepted && row.isMoved)
                #expect(
                    try await yard.number("SELECT credits FROM meshmill.attempts WHERE id = \(lost.attemptID)") == 1
                )
                #expect(try await yard.number("SELECT provider_monthly_used FROM meshmill.keys") == 3)
                #expect(try await yard.imbalance() == nil)
            }
        }
    }
}
