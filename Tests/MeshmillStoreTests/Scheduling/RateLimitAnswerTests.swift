import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

/// What one 429 means, and what it does to its key.
///
/// Covers FAULTS rows 16 and 17.
@Suite("Answers 429", .timeLimit(.minutes(2)))
struct RateLimitAnswerTests {
    /// The facts of a 429, as `meshmill.judge_rate_limit` takes them; by default one that nothing explains.
    struct Facts: Sendable {
        var statedLimit: Int? = 5
        var used: Int? = 5
        var retryAfter: Double? = 400
        var margin = "3 s"
        var own = 3
        var ownOfTwo = 8
        var wasFull = false
        var matches = false
        var pastIsKnown = true
        var clockStepped = false
        var outsideUse = false

        var sql: String {
            func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "NULL" }
            return """
                SELECT meshmill.judge_rate_limit(5, '15 min', '\(margin)', \(text(statedLimit)), \(text(used)), \
                \(text(retryAfter)), \(own), \(ownOfTwo), \(wasFull), \(matches), \(pastIsKnown), \(clockStepped), \
                \(outsideUse))
                """
        }
    }

    private static func facts(_ change: (inout Facts) -> Void) -> Facts {
        var facts = Facts()
        change(&facts)
        return facts
    }

    @Test("each is explained by the first cause that fits: KEYPOOL, section 4.5")
    func verdicts() async throws {
        let rows: [(String, Facts)] = [
            ("unexplained", Facts()),
            ("limit", Self.facts { $0.statedLimit = 3 }),
            ("unexplained", Self.facts { $0.statedLimit = 9 }),
            ("unexplained", Self.facts { $0.statedLimit = 0 }),
            ("unexplained", Self.facts { ($0.statedLimit, $0.used, $0.retryAfter) = (nil, nil, nil) }),
            ("unexplained", Self.facts { $0.retryAfter = -1 }),
            ("unexplained", Self.facts { $0.retryAfter = 1e9 }),
            ("clock_step", Self.facts { $0.clockStepped = true }),
            ("unknown_past", Self.facts { $0.pastIsKnown = false }),
            ("own_log", Self.facts { $0.own = 5 }),
            ("margin", Self.facts { ($0.margin, $0.retryAfter, $0.wasFull) = ("1 s", 2, true) }),
            ("unexplained", Self.facts { ($0.margin, $0.retryAfter, $0.wasFull) = ("1 s", 2, false) }),
            ("unexplained", Self.facts { ($0.retryAfter, $0.wasFull) = (2, true) }),
            ("outside_use", Self.facts { $0.outsideUse = true }),
            ("outside_use", Self.facts { $0.matches = true }),
            ("outside_use", Self.facts { $0.ownOfTwo = 4 }),
            // Spaced requests: nothing is said by how much is used.
            ("unexplained", Self.facts { ($0.ownOfTwo, $0.retryAfter) = (1, 170) }),
        ]
        try await Yard.with { yard in
            for (verdict, facts) in rows {
                let judged = try await yard.text(facts.sql)
                #expect(judged == verdict, "\(facts)")
            }
        }
    }

    /// One key whose past is known, with jobs.
    private func withKey(
        _ setting: String = "margin = '3 s'",
        known: String = "meshmill.clock() - interval '1 day'",
        _ body: (Yard) async throws -> Void
    ) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "known_since = \(known), \(setting)")
            try await yard.addJobs(50)
            try await body(yard)
        }
    }

    private func verdict(_ yard: Yard) async throws -> String? {
        try await yard.text("SELECT verdict FROM ops.rate_limit_answers ORDER BY answer_id DESC LIMIT 1")
    }

    @Test("hold the key as long as they say, count no attempt, and leave other keys alone (FAULTS 16)")
    func holds() async throws {
        try await withKey { yard in
            try await yard.addKeys(1, org: "other")
            let claim = try await yard.claim(2)
            let refused = try #require(claim.first { $0.keyName == "org-1" })
            try await yard.refuse(refused, StatedRateLimit(limit: 5, used: 5, remaining: 0, retryAfter: 100))
            try await yard.settle(claim.filter { $0 != refused }, .accepted)
            #expect(try await yard.number("SELECT max(failures) FROM meshmill.jobs") == 0)
            #expect(try await yard.text("SELECT blocked_by FROM ops.keys WHERE key = 'org-1'") == "hold")
            #expect(try await yard.claim(5).map(\.keyName) == ["other-1"])
            let hold = try await yard.text(
                """
                SELECT extract(epoch FROM k.blocked_until - r.at)::float8
                FROM meshmill.keys AS k JOIN meshmill.rate_limit_answers AS r ON r.key_id = k.id
                """
            )
            #expect(hold == "103")
            try await yard.pass(60)
            #expect(!(try await yard.claim(5).map(\.keyName).contains("org-1")))
            try await yard.pass(44)
            #expect(try await yard.claim(5).map(\.keyName).contains("org-1"))
            // The refused one still holds its slot: a strict server counts refusals.
            #expect(try await yard.number("SELECT free_slots FROM ops.keys WHERE key = 'org-1'") == 3)
        }
    }

    @Test(
        "that say nothing of use are recorded and change nothing else (FAULTS 17)",
        arguments: [
            StatedRateLimit(), StatedRateLimit(retryAfter: -1), StatedRateLimit(retryAfter: 1e9),
            StatedRateLimit(retryAfter: .nan), StatedRateLimit(limit: -4, used: 1_000_000_000, retryAfter: 1e300),
            StatedRateLimit(limit: 0, remaining: -7),
        ]
    )
    func useless(stated: StatedRateLimit) async throws {
        try await withKey { yard in
            try await yard.refuse(try await yard.claim(1)[0], stated, hold: .seconds(60))
            #expect(try await verdict(yard) == "unexplained")
            #expect(try await yard.text("SELECT rate_limit || ' ' || margin FROM meshmill.keys") == "5 00:00:03")
            #expect(try await yard.text("SELECT learned FROM ops.window_model") == "slots")
        }
    }

    @Test("that name a smaller limit shrink the key at once, within its reserve")
    func shrinks() async throws {
        try await withKey("reserve_slots = 3") { yard in
            for _ in 0..<2 { try await yard.settle(try await yard.claim(1), .accepted) }
            try await yard.run("UPDATE meshmill.keys SET reserve_slots = 2")
            try await yard.run("SELECT meshmill.refresh_ready_at(ARRAY[1::bigint])")
            try await yard.refuse(try await yard.claim(1)[0], StatedRateLimit(limit: 2, used: 2, retryAfter: 100))
            #expect(try await verdict(yard) == "limit")
            #expect(try await yard.text("SELECT rate_limit || ' ' || reserve_slots FROM meshmill.keys") == "2 1")
            #expect(try await yard.number("SELECT count(*) FROM meshmill.slots WHERE free_at > meshmill.clock()") == 2)
            #expect(
                try await yard.text("SELECT what || ' ' || reason FROM ops.audit_log ORDER BY audit_id DESC LIMIT 1")
                    == "learn_key a 429: limit"
            )
        }
    }

    @Test("that name a greater limit raise it after one window without another")
    func grows() async throws {
        try await withKey { yard in
            try await yard.refuse(try await yard.claim(1)[0], StatedRateLimit(limit: 8, used: 8, retryAfter: 100))
            #expect(try await yard.number("SELECT rate_limit FROM meshmill.keys") == 5)
            try await yard.pass(500)
            try await yard.refuse(try await yard.claim(1)[0], StatedRateLimit(limit: 8, used: 8, retryAfter: 100))
            try await yard.pass(600)
            #expect(try await yard.client.query(GrowLimits()) == [0])
            try await yard.pass(310)
            #expect(try await yard.client.query(GrowLimits()) == [1])
            #expect(try await yard.number("SELECT rate_limit FROM meshmill.keys") == 8)
            #expect(try await yard.number("SELECT count(*) FROM meshmill.slots") == 8)
            #expect(try await yard.client.query(GrowLimits()) == [0])
        }
    }

    @Test("that come a moment too early double the margin, up to 3 s")
    func margin() async throws {
        try await withKey("margin = '1 s', rate_limit = 1") { yard in
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            var margins: [String?] = []
            try await yard.settle(try await yard.claim(1), .accepted)
            for wait in [1.0, 2, 3] {
                try await yard.pass(910)
                try await yard.refuse(try await yard.claim(1)[0], StatedRateLimit(limit: 1, used: 1, retryAfter: wait))
                margins.append(try await yard.text("SELECT margin FROM meshmill.keys"))
            }
            #expect(margins == ["00:00:02", "00:00:03", "00:00:03"])
            #expect(try await yard.number("SELECT count(*) FROM ops.audit_log WHERE what = 'learn_key'") == 2)
        }
    }

    @Test("of a new key are put down to its unknown past, which one window ends")
    func unknownPast() async throws {
        try await withKey("margin = '3 s'", known: "meshmill.clock()") { yard in
            try await yard.pass(300)
            try await yard.refuse(try await yard.claim(1)[0], StatedRateLimit(limit: 5, used: 5, retryAfter: 10))
            #expect(try await verdict(yard) == "unknown_past")
            try await yard.pass(540)
            #expect(try await yard.claim(1).isEmpty)
            try await yard.pass(65)
            try await yard.refuse(try await yard.claim(1)[0], StatedRateLimit(limit: 5, used: 5, retryAfter: 10))
            #expect(try await verdict(yard) == "unexplained")
        }
    }

    @Test("whose wait ends a window after one of our POSTs are put down to use by others")
    func outsideUse() async throws {
        try await withKey { yard in
            try await yard.settle(try await yard.claim(1), .accepted)
            try await yard.pass(300)
            let refused = try await yard.claim(1)[0]
            // A log of requests: ours of 300 s ago is the oldest that counts, so others sent four since.
            try await yard.refuse(refused, StatedRateLimit(limit: 5, used: 5, retryAfter: 600))
            #expect(try await verdict(yard) == "outside_use")
            #expect(try await yard.text("SELECT log_score::float8 FROM ops.window_model") == "1")
        }
    }

    @Test("are kept up to a thousand")
    func bounded() async throws {
        try await withKey { yard in
            try await yard.settle(try await yard.claim(1), .accepted)
            try await yard.run("SELECT meshmill.note_rate_limit(1, 5, 5, 0, 7) FROM generate_series(1, 30)")
            try await yard.run("SELECT setval(pg_get_serial_sequence('meshmill.rate_limit_answers', 'id'), 1010)")
            try await yard.run("SELECT meshmill.note_rate_limit(1, 5, 5, 0, 7)")
            // The 1,011th: of those before it the last 999 numbers are kept.
            let kept = "SELECT min(id) || ' ' || count(*) FROM meshmill.rate_limit_answers"
            #expect(try await yard.text(kept) == "12 20")
        }
    }
}
