import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

/// What all keys go by: the learned model and its pins, quarantine, restores and steps of the clock.
///
/// Covers FAULTS rows 29 and 36.
@Suite("All keys' windows", .timeLimit(.minutes(2)))
struct WindowProfileTests {
    private static let known = "known_since = meshmill.clock() - interval '1 day', margin = '3 s'"
    private static let unexplained = StatedRateLimit(limit: 5, used: 5, remaining: 0, retryAfter: 170)

    private func model(_ yard: Yard) async throws -> String? {
        try await yard.text("SELECT setting || ' ' || window_model FROM ops.window_model")
    }

    private func set(_ yard: Yard, _ value: String?) async throws {
        try await yard.client.execute(SetSetting(name: "window_model", value: value))
    }

    @Test("two unexplained 429s on one key are an outsider's; on two keys within a window they are the provider's")
    func twoKeys() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, setting: Self.known)
            try await yard.addJobs(50)
            for _ in 0..<2 {
                let claim = try await yard.claim(2)
                try await yard.refuse(claim.first { $0.keyName == "org-1" } ?? claim[0], Self.unexplained)
                try await yard.settle(claim.filter { $0.keyName == "org-2" }, .accepted)
                try await yard.pass(400)
            }
            #expect(try await model(yard) == "auto slots")
            // More than a window later the first ones do not count any more.
            try await yard.pass(700)
            let claim = try await yard.claim(2)
            try await yard.refuse(claim[0], Self.unexplained)
            #expect(try await model(yard) == "auto slots")
            try await yard.refuse(claim[1], Self.unexplained)
            #expect(try await model(yard) == "auto paced")
        }
    }

    @Test("one key that is used alone learns from three")
    func oneKey() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: Self.known)
            try await yard.addJobs(50)
            var models: [String?] = []
            for _ in 0..<3 {
                try await yard.refuse(try await yard.claim(1)[0], Self.unexplained)
                models.append(try await model(yard))
                try await yard.pass(180)
            }
            #expect(models == ["auto slots", "auto slots", "auto paced"])
        }
    }

    @Test("after a step, what was sent before it teaches nothing for one window; strict is the last step")
    func quiet() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, setting: Self.known)
            try await yard.addJobs(50)
            var models: [String?] = []
            for pause in [0.0, 400, 510, 1_500, 0] {
                try await yard.pass(pause)
                for attempt in try await yard.claim(2) { try await yard.refuse(attempt, Self.unexplained) }
                models.append(try await model(yard))
                try await yard.run("UPDATE meshmill.keys SET blocked_until = NULL, next_send_at = NULL")
                try await yard.run("SELECT meshmill.refresh_ready_at(ARRAY[1, 2]::bigint[])")
            }
            #expect(models == ["auto paced", "auto paced", "auto strict", "auto strict", "auto strict"])
            // No step back by itself; an admin may begin anew.
            try await yard.pass(30 * 86_400)
            #expect(try await yard.client.query(LearnWindowModel()).first == .some(nil))
            #expect(try await model(yard) == "auto strict")
            try await set(yard, "auto")
            #expect(try await model(yard) == "auto slots")
            #expect(try await yard.number("SELECT unexplained FROM ops.window_model") == 0)
        }
    }

    @Test("a pinned model stays whatever 429s say, and going back to auto begins anew")
    func pins() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, setting: Self.known)
            try await yard.addJobs(50)
            try await set(yard, "slots")
            for attempt in try await yard.claim(2) { try await yard.refuse(attempt, Self.unexplained) }
            #expect(try await model(yard) == "slots slots")
            try await set(yard, "strict")
            #expect(try await model(yard) == "strict strict")
            #expect(try await yard.number("SELECT count(*) FROM ops.keys WHERE window_model = 'strict'") == 2)
            try await set(yard, nil)
            #expect(try await model(yard) == "auto slots")
            let error = await #expect(throws: PostgresError.self) { try await set(yard, "sliding") }
            #expect(error?.sqlState == SQLState("22023"))
            #expect(try await yard.number("SELECT count(*) FROM ops.audit_log WHERE subject = 'window_model'") == 3)
        }
    }

    @Test(
        "a model that is changed live paces each key from its last POST that may have been counted",
        arguments: [
            ("paced", "1", 183.0), ("strict", "1", 228), ("paced", "5 - reserve_slots", 903),
            ("strict", "5 - reserve_slots", 1_803),
        ]
    )
    func livePace(model: String, limit: String, gap: Double) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: Self.known + (limit == "1" ? "" : ", reserve_slots = 4"))
            try await yard.addJobs(9)
            try await yard.settle(try await yard.claim(1), .accepted)
            try await yard.pass(10)
            try await set(yard, model)
            let pace = try await yard.text(
                "SELECT round(extract(epoch FROM next_send_at - (SELECT answered_at FROM meshmill.attempts))) FROM meshmill.keys"
            )
            #expect(pace == "\(Int(gap))")
            // While a POST is in flight it is pessimistic, and what provably never left takes it back.
            try await yard.pass(2_000)
            let claim = try await yard.claim(1)
            let pessimistic = try await yard.number(
                "SELECT round(extract(epoch FROM next_send_at - last_post_at)) FROM meshmill.keys"
            )
            #expect(pessimistic == Int(gap) + 6)
            try await yard.settle(claim, AnswerEffect(.unsent, slot: .free, credit: .release, job: .queue))
            #expect(try await yard.claim(1).count == 1)
            try await set(yard, "slots")
            #expect(try await yard.number("SELECT count(*) FROM meshmill.keys WHERE next_send_at IS NULL") == 1)
        }
    }

    @Test("an answer that is lost keeps the pace of the last instant at which it may have been counted")
    func lostPace() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: Self.known)
            try await yard.addJobs(9)
            try await set(yard, "paced")
            try await yard.settle(try await yard.claim(1), .lost)
            // Deadline and grace are 6 s, a fifth of the window 180 s, the margin 3 s.
            let pace = try await yard.text(
                "SELECT extract(epoch FROM ready_at - last_post_at)::float8 FROM meshmill.keys"
            )
            #expect(pace == "189")
            try await yard.pass(120)
            #expect(try await yard.claim(1).isEmpty)
            try await yard.pass(70)
            #expect(try await yard.claim(1).count == 1)
        }
    }

    @Test("a quarantine holds a key, or all, for one window")
    func quarantine() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, setting: Self.known)
            try await yard.addJobs(9)
            #expect(try await yard.client.query(QuarantineKeys(name: "org-1", reason: "lent")) == [1])
            #expect(try await yard.claim(5).map(\.keyName) == ["org-2"])
            #expect(
                try await yard.text("SELECT blocked_by || ': ' || reason FROM ops.keys WHERE key = 'org-1'")
                    == "hold: in quarantine: lent"
            )
            #expect(try await yard.client.query(QuarantineKeys(name: nil)) == [2])
            try await yard.pass(840)
            #expect(try await yard.claim(5).isEmpty)
            try await yard.pass(64)
            #expect(try await yard.claim(5).map(\.keyName) == ["org-1"], "the other one has a POST in flight")
            let error = await #expect(throws: PostgresError.self) {
                try await yard.client.query(QuarantineKeys(name: "no"))
            }
            #expect(error?.sqlState == SQLState("P0002"))
        }
    }

    private func look(_ yard: Yard, _ writes: Int64?) async throws -> WatchServer.Row {
        let now = PostgresTimestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        return try await yard.client.query(WatchServer(worker: yard.worker, clock: now, writes: writes))[0]
    }

    @Test(
        "a restored database is noticed once, and every window counts as full for one window (FAULTS 36)",
        arguments: [
            "UPDATE meshmill.server_seen SET system_identifier = '1'",
            "UPDATE meshmill.server_seen SET timeline = timeline + 1",
            "UPDATE meshmill.server_seen SET writes = 0",
        ]
    )
    func restored(change: String) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3, setting: Self.known)
            try await yard.addJobs(9)
            var writes: Int64?
            for _ in 0..<3 {
                let row = try await look(yard, writes)
                #expect(row.change == nil)
                writes = row.writes
            }
            try await yard.run(change)
            let noticed = try await look(yard, writes)
            #expect(noticed.change != nil)
            #expect(try await look(yard, noticed.writes).change == nil)
            #expect(try await look(yard, writes).change == nil, "another worker remembers the same time")
            #expect(try await yard.claim(5).isEmpty)
            #expect(try await yard.number("SELECT count(*) FROM ops.audit_log WHERE what = 'notice_restore'") == 1)
            #expect(try await yard.text("SELECT restored FROM ops.window_model") == noticed.change)
            try await yard.pass(904)
            #expect(try await yard.claim(5).count == 3)
        }
    }

    @Test("after a restart of the server nothing is claimed before somebody has looked at it")
    func restarted() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            _ = try await look(yard, nil)
            try await yard.run("UPDATE meshmill.server_seen SET started_at = started_at - interval '1 s'")
            #expect(try await yard.claim(1).isEmpty)
            #expect(try await look(yard, nil).change == nil)
            #expect(try await yard.claim(1).count == 1)
        }
    }

    @Test("a POST that was not sent leaves the pace to the one before it, whatever the rule was at its claim")
    func unsentUnderAnotherRule() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            try await yard.run("SELECT meshmill.set_setting('window_model', 'slots', NULL)")
            try await yard.settle(try await yard.claim(1), .accepted)
            let unsent = try await yard.claim(1)
            try await yard.run("SELECT meshmill.set_setting('window_model', 'paced', NULL)")
            try await yard.settle(unsent, .unsent)
            let pace = "SELECT count(*) FROM meshmill.keys WHERE next_send_at > meshmill.clock() + interval '2 min'"
            #expect(try await yard.number(pace) == 1)
            #expect(try await yard.claim(1).isEmpty)
            // The fifth part of a window, and whatever the key rests after a change of the rule.
            try await yard.pass(1_200)
            #expect(try await yard.claim(1).count == 1)
        }
    }

    /// A report of a jump that has just been seen, in the server's own clock, which the test's offset does not move.
    private func jump(of seconds: Int64, sinceSecondsAgo since: Int64, in yard: Yard) async throws -> NoteClockStep {
        let now = try #require(
            try await yard.text("SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint").flatMap { Int64($0) }
        )
        return NoteClockStep(
            since: PostgresTimestamp(microseconds: now - since * 1_000_000),
            until: PostgresTimestamp(microseconds: now),
            step: .seconds(seconds)
        )
    }

    @Test("a jump forward lengthens the window of a POST that was claimed before the clock was set back")
    func clockStepAfterStepBack() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: Self.known + ", rate_limit = 1")
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            try await yard.addJobs(9)
            let claimed = try await yard.claim(1)
            try await yard.pass(-60)
            try await yard.settle(claimed, .accepted)
            try await yard.pass(30)
            let step = try await jump(of: 30, sinceSecondsAgo: 31, in: yard)
            #expect(try await yard.client.query(step) == [true])
            try await yard.pass(885)
            #expect(try await yard.claim(1).isEmpty)
            try await yard.pass(30)
            #expect(try await yard.claim(1).count == 1)
        }
    }

    @Test("a jump forward of the database's clock lengthens windows by it, once (FAULTS 29)")
    func clockStep() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, setting: Self.known + ", rate_limit = 1, monthly_limit = 10")
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            try await yard.addJobs(9)
            try await yard.settle(try await yard.claim(2), .accepted)
            let before = try await yard.client.query(ReadClock())[0]
            // The clock says that an hour passed, and nothing did.
            try await yard.pass(3_600)
            let step = try await jump(of: 3_600, sinceSecondsAgo: 3_610, in: yard)
            #expect(try await yard.client.query(step) == [true])
            #expect(try await yard.client.query(step) == [false])
            #expect(try await yard.claim(2).isEmpty)
            // As whatever is changed live does.
            try await yard.run("SELECT meshmill.rebuild_slots(ARRAY(SELECT id FROM meshmill.keys))")
            try await yard.pass(840)
            #expect(try await yard.claim(2).isEmpty)
            try await yard.pass(70)
            #expect(try await yard.claim(2).count == 2)
            #expect(try await yard.number("SELECT count(*) FROM ops.audit_log WHERE what = 'notice_clock_step'") == 1)
            #expect(before < (try await yard.client.query(ReadClock())[0]))
            // Backwards, windows only lengthen: nothing is to be done.
            let back = NoteClockStep(since: step.since, until: step.until, step: .seconds(-60))
            #expect(try await yard.client.query(back) == [false])
            // Seen by the very next look of the same worker, which begins where the last one ended.
            let later = PostgresTimestamp(microseconds: step.until.microseconds + 2_000_000)
            let next = NoteClockStep(since: step.until, until: later, step: .seconds(1))
            #expect(try await yard.client.query(next) == [true])
        }
    }

    @Test("a worker's clock that is off is seen, and changes nothing (FAULTS 29)")
    func skew() async throws {
        try await Yard.with { yard in
            let ahead = PostgresTimestamp(microseconds: Int64((Date().timeIntervalSince1970 + 60) * 1_000_000))
            let row = try await yard.client.query(WatchServer(worker: yard.worker, clock: ahead, writes: nil))[0]
            #expect(row.skew > .seconds(50) && row.skew < .seconds(70))
            #expect(try await yard.number("SELECT count(*) FROM ops.workers WHERE clock_skew > interval '5 s'") == 1)
        }
    }
}
