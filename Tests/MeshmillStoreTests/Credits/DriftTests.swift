import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Drift between our books and the provider's", .timeLimit(.minutes(2)))
struct DriftTests {
    private func drift(_ yard: Yard, _ scope: String) async throws -> String? {
        try await yard.text(
            """
            SELECT concat_ws(' ', ours, provider, doubtful, external, gap, unbooked) FROM ops.credit_drift
            WHERE scope = '\(scope)'
            """
        )
    }

    @Test("KEYPOOL 9.3: somebody else on a key is seen at the next answer, counts at once, and is booked after a day")
    func outsider() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(used: 41, remaining: 500)
            #expect(try await drift(yard, "key") == "1 41 0 40 0 0", "what was used before we had it is no drift")
            try await yard.post(used: 45, remaining: 496)
            #expect(try await drift(yard, "key") == "2 45 0 43 0 3")
            #expect(try await drift(yard, "org") == "496 496 0 0 0 0", "the org's credits fell by the same use")
            #expect(
                try await yard.text("SELECT advice FROM ops.credit_drift WHERE key IS NOT NULL")?.contains(
                    "reserve_slots"
                ) == true
            )
            #expect(try await yard.number("SELECT meshmill.book_drifts()") == 0)
            try await yard.pass(86_401)
            #expect(try await yard.number("SELECT meshmill.book_drifts()") == 1)
            #expect(try await yard.number("SELECT meshmill.book_drifts()") == 0, "once")
            #expect(try await yard.corrections() == "external 3")
            #expect(try await drift(yard, "key") == "2 45 0 43 0 0")
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("a key whose month the provider does not count has no drift")
    func uncounted() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(5)
            try await yard.post()
            _ = try await yard.lose()
            try await yard.pass(2_000)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            #expect(try await drift(yard, "key") == nil)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("the day that drift stays open shrinks with the window")
    func scaled() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "rate_window = '9 seconds'")
            try await yard.addJobs(9)
            try await yard.post(used: 1)
            try await yard.post(used: 4)
            try await yard.pass(865)
            #expect(try await yard.number("SELECT meshmill.book_drifts()") == 1)
        }
    }

    @Test("use of an org's credits by others is one line, whichever key shows it")
    func orgOutsider() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(remaining: 99)
            try await yard.post(remaining: 88)
            #expect(try await drift(yard, "org") == "88 88 0 10 0 10")
            try await yard.pass(86_401)
            #expect(try await yard.number("SELECT meshmill.book_drifts()") == 1)
            #expect(try await yard.corrections() == "external 10")
        }
    }

    @Test("a top-up is seen at once and booked as an adjustment")
    func topUp() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(remaining: 3)
            try await yard.post(remaining: 102)
            #expect(try await yard.corrections() == "adjust 100")
            #expect(try await yard.number("SELECT credits_remaining FROM meshmill.orgs") == 102)
        }
    }

    @Test("answers of parallel POSTs in any order are neither drift nor top-up")
    func parallel() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(4)
            try await yard.addJobs(40)
            var credits = 100
            var random = SystemRandomNumberGenerator()
            for _ in 0..<8 {
                let claim = try await yard.claim(4)
                #expect(claim.count == 4)
                // The provider charges in one order and its answers come in another.
                let told = claim.indices.map { credits - 1 - $0 }
                credits -= claim.count
                for (attempt, remaining) in zip(claim, told).shuffled(using: &random) {
                    try await yard.answer(attempt, remaining: remaining)
                }
                try await yard.run("UPDATE meshmill.slots SET free_at = meshmill.clock()")
                try await yard.run("UPDATE meshmill.keys SET ready_at = meshmill.clock()")
            }
            try await yard.run("UPDATE meshmill.slots SET free_at = meshmill.clock()")
            try await yard.run("UPDATE meshmill.keys SET ready_at = meshmill.clock()")
            try await yard.post(remaining: credits - 1)
            #expect(try await yard.corrections() == nil)
            #expect(try await yard.number("SELECT count(*) FROM meshmill.drifts") == 0)
            #expect(try await yard.number("SELECT credits_remaining FROM meshmill.orgs") == credits - 1)
        }
    }

    @Test("FAULTS 19: a 503 without the flag stays charged until a counter shows the refund, early or late")
    func untoldRefund() async throws {
        for used in [2, 3] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(9)
                try await yard.post(used: 1)
                let failed = try #require(try await yard.claim(1).first)
                try await yard.answer(failed, .unavailable(refunded: false))
                #expect(try await yard.verdict(failed) == "doubt")
                try await yard.post(used: used)
                let credits = used == 2 ? 0 : 1
                #expect(try await yard.verdict(failed) == "\(credits) by key_monthly_used")
                let unconfirmed = "SELECT count(*) FROM meshmill.attempts WHERE refund_unconfirmed"
                #expect(try await yard.number(unconfirmed) == credits)
                // The late refund of the second case shows now.
                try await yard.post(used: 3)
                #expect(try await yard.number(unconfirmed) == 0)
                #expect(try await yard.number("SELECT monthly_used FROM meshmill.keys") == 3)
                #expect(try await yard.corrections() == nil)
                #expect(try await yard.imbalance() == nil)
            }
        }
    }

    @Test("a refund that was told explains a counter before one that only may have come")
    func toldBeforeUntold() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(used: 1)
            let lost = try await yard.lose()
            try await yard.pass(1_200)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            let failed = try #require(try await yard.claim(1).first)
            try await yard.answer(failed, .unavailable(refunded: true))
            // 1, the lost one, and this: the lost one was charged, and what came back is what was told.
            try await yard.post(used: 3)
            #expect(try await yard.verdict(lost)?.hasPrefix("1 by none") == true)
            #expect(try await yard.number("SELECT monthly_used FROM meshmill.keys") == 3)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("FAULTS 19: a refund counts for the budgets at once, and for the key's month whether it lowers it or not")
    func toldRefund() async throws {
        for lowers in [true, false] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(9)
                try await yard.post(used: 1, remaining: 9)
                let failed = try #require(try await yard.claim(1).first)
                try await yard.answer(failed, .unavailable(refunded: true))
                #expect(try await yard.number("SELECT used FROM meshmill.batches") == 1)
                try await yard.post(used: lowers ? 2 : 3, remaining: 8)
                try await yard.post(used: lowers ? 3 : 4, remaining: 7)
                try await yard.pass(86_401)
                #expect(try await yard.number("SELECT meshmill.book_drifts()") == 0)
                #expect(try await yard.number("SELECT count(*) FROM meshmill.open_refunds") == 0)
                #expect(try await yard.corrections() == nil)
                #expect(try await drift(yard, "org") == "7 7 0 0 0 0")
                #expect(try await yard.imbalance() == nil)
            }
        }
    }

    @Test("a generation that failed without a word of its refund is refunded when the credits show it")
    func untoldFailure() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            let failed = try await yard.post(remaining: 9)
            let end = GenerationResult.End.failed(.fail, count: .own, code: "generation_failed", message: "x")
            #expect(try await yard.finish(failed, end))
            #expect(try await yard.verdict(failed) == "1 by -")
            try await yard.post(remaining: 9)
            #expect(try await yard.verdict(failed) == "0 by -")
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test(
        "the first answers of an account that come together accuse nobody, in whatever order the provider counted them",
        arguments: [[99, 98, 97], [97, 98, 99], [98, 97, 99]]
    )
    func firstTogether(told: [Int]) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3)
            try await yard.addJobs(9)
            let answers = zip(try await yard.claim(3), told).map { attempt, remaining in
                AnswerRecord(
                    attemptID: attempt.attemptID,
                    effect: .accepted,
                    generationID: "g\(attempt.attemptID)",
                    creditsRemaining: remaining
                )
            }
            _ = try await yard.client.query(SettleAnswers(worker: yard.worker, answers: answers))
            #expect(try await yard.number("SELECT count(*) FROM meshmill.drifts") == 0)
            #expect(
                try await yard.number("SELECT credits_remaining FROM meshmill.orgs") <= 97,
                "never more than there is"
            )
            // The next answer comes alone, and tells it all.
            try await yard.pass(901)
            try await yard.post(remaining: 96)
            #expect(try await drift(yard, "org") == "96 96 0 0 0 0")
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("orgs whose credits count down together are proposed as one, and stay two")
    func sameAccount() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, org: "a")
            try await yard.addKeys(1, org: "b")
            try await yard.addKeys(1, org: "c")
            try await yard.addJobs(30)
            var shared = 50
            var own = 900
            for _ in 0..<4 {
                for attempt in try await yard.claim(3) {
                    if attempt.keyName == "c-1" { own -= 1 } else { shared -= 1 }
                    try await yard.answer(attempt, remaining: attempt.keyName == "c-1" ? own : shared)
                }
                try await yard.pass(1)
            }
            let proposed = try await yard.text(
                "SELECT string_agg(org || ' ' || same_as, ',') FROM meshmill.propose_orgs()"
            )
            #expect(proposed == "b a")
            #expect(try await yard.number("SELECT count(DISTINCT org_id) FROM meshmill.keys") == 3)
        }
    }
}
