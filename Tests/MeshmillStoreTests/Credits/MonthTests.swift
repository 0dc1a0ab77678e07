import MeshmillCore
import MeshmillStore
import Testing

@Suite("Months of keys", .timeLimit(.minutes(2)))
struct MonthTests {
    @Test("FAULTS 35: a month turns when the provider's number shows it, whatever the calendar says")
    func learnt() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(used: 80)
            try await yard.pass(3_600)
            try await yard.post(used: 1)
            let month =
                "SELECT month || ' ' || monthly_used || ' ' || provider_monthly_used || ' ' || monthly_outside FROM meshmill.keys"
            #expect(try await yard.text(month) == "1 1 1 0")
            let width = "SELECT extract(epoch FROM turned_before - turned_after)::integer FROM meshmill.keys"
            #expect((3_600...3_700).contains(try await yard.number(width)))
            #expect(try await yard.corrections() == nil)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("two turns teach a month's length, and the next is predicted by it")
    func length() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(30)
            var used = 50
            // A month of 1,000 s, seen every 100 s.
            for step in 1...25 {
                if step % 10 == 5 { used = 0 }
                used += 1
                try await yard.post(used: used)
                try await yard.pass(100)
                try await yard.run("UPDATE meshmill.slots SET free_at = meshmill.clock()")
                try await yard.run("UPDATE meshmill.keys SET ready_at = meshmill.clock()")
            }
            #expect(try await yard.number("SELECT month FROM meshmill.keys") == 3)
            let length = try await yard.number("SELECT extract(epoch FROM month_length)::integer FROM meshmill.keys")
            #expect((900...1_100).contains(length))
            let ahead = try await yard.number(
                "SELECT extract(epoch FROM meshmill.next_reset(k, meshmill.clock()) - meshmill.clock())::integer FROM meshmill.keys AS k"
            )
            #expect((850...1_050).contains(ahead))
        }
    }

    @Test("until a turn is seen the 1st at 00:00 UTC is expected, and it stands when the turn seen may be it")
    func guess() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            func reset(_ seen: String, after instant: String) async throws -> String? {
                try await yard.run("UPDATE meshmill.keys SET \(seen)")
                return try await yard.text(
                    "SELECT meshmill.next_reset(k, '\(instant)') AT TIME ZONE 'UTC' FROM meshmill.keys AS k"
                )
            }
            #expect(try await reset("turned_after = NULL", after: "2031-01-31 12:00Z") == "2031-02-01 00:00:00")
            let first = "turned_after = '2031-01-31 20:00Z', turned_before = '2031-02-01 03:00Z'"
            #expect(try await reset(first, after: "2031-02-01 03:00Z") == "2031-03-01 00:00:00")
            let other = "turned_after = '2031-01-14 20:00Z', turned_before = '2031-01-15 03:00Z'"
            #expect(try await reset(other, after: "2031-01-20 00:00Z") == "2031-02-15 03:00:00")
            #expect(try await reset(other, after: "2031-04-15 03:00Z") == "2031-05-15 03:00:00")
        }
    }

    @Test(
        "a key at its limit is parked, probed with one real job at the expected turn, and one turn wakes its siblings"
    )
    func parked() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(30)
            for attempt in try await yard.claim(2) { try await yard.answer(attempt, used: 100, limit: 100) }
            #expect(try await yard.number("SELECT meshmill.turn_months()") == 0, "nothing turns by the calendar alone")
            #expect(try await yard.number("SELECT count(*) FROM meshmill.keys WHERE state = 'parked'") == 2)
            try await yard.pass(600)
            #expect(try await yard.claim(2).isEmpty)
            // The first probe comes too early, and the next after an hour, then two.
            try await yard.pass(3_001)
            let early = try await yard.claim(2)
            #expect(early.map(\.isProbe) == [true, true])
            for attempt in early { try await yard.answer(attempt, .monthUsedUp) }
            try await yard.run("UPDATE meshmill.keys SET probe_at = probe_at + interval '1 day' WHERE name = 'org-2'")
            try await yard.pass(3_601)
            let probe = try await yard.claim(2)
            #expect(probe.map(\.keyName) == ["org-1"])
            try await yard.answer(probe[0], used: 1, limit: 100)
            #expect(try await yard.text("SELECT state FROM meshmill.keys WHERE name = 'org-1'") == "active")
            _ = try await yard.number("SELECT meshmill.turn_months()")
            try await yard.pass(601)
            let woken = try await yard.claim(2)
            #expect(woken.map(\.keyName).contains("org-2"))
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("a larger limit is believed as soon as an answer reports it")
    func raised() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.post(used: 99, limit: 100)
            try await yard.post(used: 100, limit: 200)
            #expect(try await yard.claim(1).count == 1)
        }
    }

    @Test("our own cap is never passed by a probe; it turns with the calendar where the provider counts nothing")
    func ownCap() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "monthly_limit = 1")
            try await yard.addJobs(9)
            try await yard.post()
            _ = try await yard.number("SELECT meshmill.turn_months()")
            try await yard.pass(86_400)
            #expect(try await yard.claim(1).isEmpty)
            try await yard.pass(31 * 86_400)
            #expect(try await yard.number("SELECT meshmill.turn_months()") == 1)
            try await yard.post()
            #expect(try await yard.claim(1).isEmpty)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("RULING 17: nor where others used the key up to our cap, before its month must have turned")
    func ownCapUsedByOthers() async throws {
        try await Yard.with { yard in
            // Far from the 1st, when a month is expected to turn.
            try await yard.run(
                """
                UPDATE meshmill.clock_offset
                SET shift = date_trunc('month', now() AT TIME ZONE 'UTC') + interval '40 days' - now() AT TIME ZONE 'UTC'
                """
            )
            try await yard.beat()
            try await yard.addKeys(1, setting: "monthly_limit = 50")
            try await yard.addJobs(9)
            try await yard.post(used: 60, limit: 100)
            for _ in 0..<5 {
                _ = try await yard.number("SELECT meshmill.turn_months()")
                try await yard.pass(7_200)
                #expect(try await yard.claim(1).isEmpty)
            }
            try await yard.pass(31 * 86_400)
            _ = try await yard.number("SELECT meshmill.turn_months()")
            try await yard.pass(7_200)
            try await yard.post(used: 1, limit: 100)
            #expect(try await yard.claim(1).count == 1)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("RULING 19: a doubt open at the turn counts in the new month only if the new number shows it")
    func doubtAtTheTurn() async throws {
        for (used, verdict) in [(1, "doubt"), (2, "1 by key_monthly_used, paid twice")] {
            try await Yard.with { yard in
                try await yard.addKeys(1)
                try await yard.addJobs(9)
                try await yard.post(used: 80)
                let lost = try await yard.lose()
                try await yard.post(used: used)
                #expect(try await yard.verdict(lost) == verdict)
                #expect(try await yard.number("SELECT month FROM meshmill.keys") == 1)
                try await yard.pass(1_000)
                _ = try await yard.number("SELECT meshmill.charge_doubts(10)")
                #expect(try await yard.number("SELECT monthly_used FROM meshmill.keys") == used)
                #expect(try await yard.number("SELECT sum(amount) FROM meshmill.ledger WHERE kind = 'charge'") == 3)
                #expect(try await yard.imbalance() == nil)
            }
        }
    }

    @Test("a refund after the turn goes to the month of its charge")
    func refundAfterTheTurn() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            let old = try await yard.post(used: 80)
            try await yard.post(used: 1)
            let end = GenerationResult.End.failed(.fail, count: .own, code: "generation_failed", message: "x")
            #expect(try await yard.finish(old, end, refunded: true))
            #expect(try await yard.number("SELECT monthly_used FROM meshmill.keys") == 1)
            #expect(try await yard.imbalance() == nil)
        }
    }
}
