import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Rebuilding a key's slots")
struct SlotRebuildTests {
    /// A key with 5 slots a minute, margin 1.1 s, and POSTs that were answered so many seconds ago.
    private func withKey(
        answered ages: [Double],
        _ body: (StoreTestDatabase) async throws -> Void
    ) async throws {
        try await StoreTestDatabase.with { database async throws in
            var row = KeyFileRow(line: 1, secret: Secret("sk_a"), name: "one")
            row.rateWindow = .seconds(60)
            try await database.importKeys([row])
            for (index, age) in ages.enumerated() {
                try await database.sql(
                    """
                    INSERT INTO meshmill.attempts (state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                        lease_epoch, claimed_at, counted_by, answered_at, generation_id)
                    VALUES ('completed', \(index), 1, 1, 1, 1, \(index % 5), gen_random_uuid(), 1,
                        now() - interval '\(age + 1) s', now() + interval '1 h', now() - interval '\(age) s', 'g')
                    """
                )
            }
            try await body(database)
        }
    }

    /// For each slot that a POST holds: which POST, and how many seconds after its answer it is free.
    ///
    /// Then the number of slots that no POST holds and that are free now. Compared with the answers and not with the
    /// clock, so that a slow machine changes nothing.
    private func slots(_ database: StoreTestDatabase) async throws -> [String] {
        try await database.sql(
            """
            SELECT a.id || ' +' || extract(epoch FROM s.free_at - a.answered_at)::float
            FROM meshmill.slots AS s JOIN meshmill.attempts AS a ON a.id = s.attempt_id
            ORDER BY a.id
            """
        )
            + database.sql(
                """
                SELECT 'free ' || count(*) FROM meshmill.slots
                WHERE attempt_id IS NULL AND free_at <= meshmill.clock()
                """
            )
    }

    private func change(_ database: StoreTestDatabase, _ change: (inout ChangeKey.Changes) -> Void) async throws {
        var changes = ChangeKey.Changes()
        change(&changes)
        _ = try await database.client.query(try ChangeKey(name: "one", changes, reason: nil))
    }

    @Test("after fewer slots keeps the newest POSTs, so that none goes out too early")
    func fewer() async throws {
        try await withKey(answered: [50, 40, 30, 20, 10]) { database async throws in
            try await change(database) { $0.rateLimit = 2 }
            #expect(try await slots(database) == ["4 +61.1", "5 +61.1", "free 0"])
        }
    }

    @Test("after more slots lets the new ones go at once")
    func more() async throws {
        try await withKey(answered: [50, 10]) { database async throws in
            try await change(database) { $0.rateLimit = 7 }
            #expect(try await slots(database) == ["1 +61.1", "2 +61.1", "free 5"])
            #expect(
                try await database.sql("SELECT array_agg(ordinal ORDER BY ordinal) FROM meshmill.slots") == [
                    "{0,1,2,3,4,5,6}"
                ]
            )
        }
    }

    @Test("after a longer window counts POSTs that the shorter one had forgotten")
    func longerWindow() async throws {
        try await withKey(answered: [300, 200, 10]) { database async throws in
            try await change(database) {
                $0.rateWindow = .seconds(600)
                $0.margin = Margin.standard(forWindow: .seconds(600))
            }
            #expect(try await slots(database) == ["1 +602", "2 +602", "3 +602", "free 2"])
        }
    }

    @Test("keeps a POST in flight on its slot, so that its answer still frees it")
    func inFlight() async throws {
        try await withKey(answered: [30, 20, 10]) { database async throws in
            try await database.sql(
                """
                INSERT INTO meshmill.attempts (state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                    lease_epoch, claimed_at, counted_by)
                VALUES ('submitting', 9, 1, 1, 1, 1, 4, gen_random_uuid(), 1, now(), now() + interval '120 s')
                """
            )
            try await change(database) { $0.rateLimit = 2 }
            let slot = try await database.sql(
                """
                SELECT s.ordinal = a.slot FROM meshmill.slots AS s
                JOIN meshmill.attempts AS a ON a.id = s.attempt_id WHERE a.state = 'submitting'
                """
            )
            #expect(slot == ["t"])
            // Its next POST waits until this one is answered or cannot be counted any more.
            let ready = try await database.sql(
                """
                SELECT ready_at = (SELECT counted_by FROM meshmill.attempts WHERE state = 'submitting')
                FROM meshmill.keys
                """
            )
            #expect(ready == ["t"])
        }
    }

    @Test("follows a changed margin for all keys at once")
    func margin() async throws {
        try await withKey(answered: [10]) { database async throws in
            #expect(try await database.client.query(SetMargin(.seconds(3))) == [1])
            #expect(try await database.sql("SELECT margin FROM meshmill.keys") == ["00:00:03"])
            #expect(try await slots(database) == ["1 +63", "free 4"])
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
