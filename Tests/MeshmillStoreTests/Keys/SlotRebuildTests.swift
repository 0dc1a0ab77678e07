import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Rebuilding a key's slots")
struct SlotRebuildTests {
    /// A key with 5 slots a minute, margin 1.1 s, and POSTs that were answered so many seconds before `start`.
    private func withKey(
        answered ages: [Double],
        _ body: (_ database: StoreTestDatabase, _ start: String) async throws -> Void
    ) async throws {
        try await StoreTestDatabase.with { database async throws in
            var row = KeyFileRow(line: 1, secret: Secret("sk_a"), name: "one")
            row.rateWindow = .seconds(60)
            try await database.importKeys([row])
            let start = "timestamptz '\(try await database.sql("SELECT now()")[0])'"
            for (index, age) in ages.enumerated() {
                try await database.sql(
                    """
                    INSERT INTO meshmill.attempts (state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                        lease_epoch, claimed_at, counted_by, answered_at, generation_id)
                    VALUES ('completed', \(index), 1, 1, 1, 1, \(index % 5), gen_random_uuid(), 1,
                        \(start) - interval '\(age + 1) s', \(start) + interval '1 h',
                        \(start) - interval '\(age) s', 'g')
                    """
                )
            }
            try await body(database, start)
        }
    }

    /// When each slot is free, in seconds from `start`; 0 is now.
    ///
    /// Not from now: then it would show how long the test took.
    private func waits(_ database: StoreTestDatabase, from start: String) async throws -> [Double] {
        try await database.sql(
            """
            SELECT CASE WHEN free_at > meshmill.clock() THEN extract(epoch FROM free_at - \(start)) ELSE 0 END
            FROM meshmill.slots ORDER BY free_at, ordinal
            """
        ).compactMap(Double.init)
    }

    private func change(_ database: StoreTestDatabase, _ change: (inout ChangeKey.Changes) -> Void) async throws {
        var changes = ChangeKey.Changes()
        change(&changes)
        _ = try await database.client.query(try ChangeKey(name: "one", changes, reason: nil))
    }

    @Test("after fewer slots keeps the newest POSTs, so that none goes out too early")
    func fewer() async throws {
        try await withKey(answered: [50, 40, 30, 20, 10]) { database, start async throws in
            try await change(database) { $0.rateLimit = 2 }
            let waits = try await waits(database, from: start)
            // 20 s and 10 s ago, plus 60 s and 1.1 s.
            #expect(waits == [41.1, 51.1])
        }
    }

    @Test("after more slots lets the new ones go at once")
    func more() async throws {
        try await withKey(answered: [20, 10]) { database, start async throws in
            try await change(database) { $0.rateLimit = 7 }
            let waits = try await waits(database, from: start)
            #expect(waits == [0, 0, 0, 0, 0, 41.1, 51.1])
            #expect(
                try await database.sql("SELECT array_agg(ordinal ORDER BY ordinal) FROM meshmill.slots") == [
                    "{0,1,2,3,4,5,6}"
                ]
            )
        }
    }

    @Test("after a longer window counts POSTs that the shorter one had forgotten")
    func longerWindow() async throws {
        try await withKey(answered: [300, 200, 10]) { database, start async throws in
            try await change(database) {
                $0.rateWindow = .seconds(600)
                $0.margin = .seconds(2)
            }
            let waits = try await waits(database, from: start)
            #expect(waits == [0, 0, 302, 402, 592])
        }
    }

    @Test("keeps a POST in flight on its slot, so that its answer still frees it")
    func inFlight() async throws {
        try await withKey(answered: [30, 20, 10]) { database, _ async throws in
            try await database.sql(
                """
                INSERT INTO meshmill.attempts (state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                    lease_epoch, claimed_at, counted_by)
                VALUES ('submitting', 9, 1, 1, 1, 1, 4, gen_random_uuid(), 1, now(), now() + interval '120 s')
                """
            )
            try await change(database) { $0.rateLimit = 2 }
            let slot = try await database.sql(
                "SELECT s.ordinal = a.slot FROM meshmill.slots s JOIN meshmill.attempts a ON a.id = s.attempt_id WHERE a.state = 'submitting'"
            )
            #expect(slot == ["t"])
            // Its next POST waits until this one is answered or cannot be counted any more.
            let ready = try await database.sql(
                "SELECT ready_at = (SELECT counted_by FROM meshmill.attempts WHERE state = 'submitting') FROM meshmill.keys"
            )
            #expect(ready == ["t"])
        }
    }

    @Test("follows a changed margin for all keys at once")
    func margin() async throws {
        try await withKey(answered: [10]) { database, start async throws in
            #expect(try await database.client.query(SetMargin(.seconds(3))) == [1])
            #expect(try await database.sql("SELECT margin FROM meshmill.keys") == ["00:00:03"])
            #expect(try await waits(database, from: start) == [0, 0, 0, 0, 53])
            _ = try await database.client.query(SetMargin(nil))
            #expect(try await database.sql("SELECT margin FROM meshmill.keys") == ["00:00:01.1"])
        }
    }

    @Test("has the same standard margins in SQL as in Swift", arguments: [1, 6, 59, 60, 200, 600, 900, 86_400])
    func standardMargins(seconds: Int) async throws {
        try await StoreTestDatabase.with { database async throws in
            let text = try await database.sql(
                "SELECT extract(epoch FROM meshmill.standard_margin(interval '\(seconds) s'))::float"
            )
            let margin = Margin.standard(forWindow: .seconds(seconds)) / .seconds(1)
            #expect(abs((Double(text[0]) ?? 0) - margin) < 0.00001)
        }
    }
}
