import MeshmillCore
import MeshmillStore
import Testing

/// What the simulation found: answers that could not be recorded until the clock had caught up.
@Suite("After the clock was set back", .timeLimit(.minutes(2)))
struct ClockSetBackTests {
    @Test("a month that turned is recorded, though it was last seen later than now")
    func month() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(2)
            try await yard.pass(300)
            try await yard.post(used: 50)
            try await yard.pass(-40)
            try await yard.run("UPDATE meshmill.keys SET ready_at = meshmill.clock()")
            try await yard.run("UPDATE meshmill.keys SET blocked_until = NULL, next_send_at = NULL")
            try await yard.post(used: 1)
            #expect(try await yard.number("SELECT month FROM meshmill.keys") == 1)
            let width = "SELECT extract(epoch FROM turned_before - turned_after)::integer FROM meshmill.keys"
            #expect(try await yard.number(width) == 0)
            #expect(try await yard.imbalance() == nil)
        }
    }

    @Test("a 429 is recorded, though its POST was claimed later than now")
    func rateLimit() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(2)
            try await yard.settle(try await yard.claim(1), .accepted)
            try await yard.pass(300)
            let refused = try #require(try await yard.claim(1).first)
            try await yard.pass(-60)
            try await yard.refuse(refused, StatedRateLimit(limit: 5, used: 5, retryAfter: 600))
            #expect(try await yard.number("SELECT count(*) FROM meshmill.rate_limit_answers") == 1)
            #expect(try await yard.text("SELECT state FROM meshmill.attempts WHERE id = 2") == "refused")
        }
    }
}
