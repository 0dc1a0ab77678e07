import MeshmillStore
import PostgresClient
import Testing

@Suite("Monthly quotas, moved and shared out")
struct QuotaTests {
    /// Keys a, b and c of one org: limits 100, 100 and 101, of which 92, 5 and 1 are used or reserved.
    private func withKeys(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.sql(
                """
                INSERT INTO meshmill.orgs (name) VALUES ('o');
                INSERT INTO meshmill.keys (name, org_id, pool_id, monthly_limit, monthly_used, provider_monthly_used, reserved)
                VALUES ('a', 1, 1, 100, 60, 90, 2), ('b', 1, 1, 100, 5, 3, 0), ('c', 1, 1, 101, 0, NULL, 1)
                """
            )
            try await body(database)
        }
    }

    private func limits(_ database: StoreTestDatabase) async throws -> String {
        try await database.sql("SELECT monthly_limit FROM meshmill.keys ORDER BY name").joined(separator: " ")
    }

    @Test("move from one key to another, with the sum kept, and are taken back once")
    func moves() async throws {
        try await withKeys { database async throws in
            let client = database.client
            let changes = try await client.query(MoveQuota(from: "b", to: "c", credits: 95, reason: "film"))
            #expect(
                changes.map { "\($0.key) \($0.before ?? 0) \($0.after ?? 0) \($0.taken)" } == [
                    "b 100 5 5", "c 101 196 1",
                ]
            )
            let log = try await database.sql("SELECT what, before, after, reason FROM ops.audit_log")
            #expect(log == ["move_quota|{\"b\": 100, \"c\": 101}|{\"b\": 5, \"c\": 196}|film"])
            let id = try #require(changes.first?.auditID)
            let undo = try #require(try await client.query(Undo(auditID: id)).first)
            #expect(try await limits(database) == "100 100 101")
            await #expect(throws: PostgresError.self) { try await client.query(Undo(auditID: id)) }
            // Undone, it is done again.
            _ = try await client.query(Undo(auditID: undo))
            #expect(try await limits(database) == "100 5 196")
        }
    }

    @Test("are taken back by their difference, so that later moves stay")
    func undoesByDifference() async throws {
        try await withKeys { database async throws in
            let client = database.client
            let first = try #require(try await client.query(MoveQuota(from: "b", to: "c", credits: 50)).first?.auditID)
            _ = try await client.query(MoveQuota(from: "c", to: "a", credits: 30))
            _ = try await client.query(Undo(auditID: first))
            #expect(try await limits(database) == "130 100 71")
        }
    }

    @Test("never fall below what is used or reserved, by a move or by its undoing")
    func keepsWhatIsTaken() async throws {
        try await withKeys { database async throws in
            let client = database.client
            let error = await #expect(throws: PostgresError.self) {
                try await client.query(MoveQuota(from: "a", to: "b", credits: 9))
            }
            #expect(error?.description.contains("key a can give 8 credits at most: 92 of its 100") == true)
            let id = try #require(try await client.query(MoveQuota(from: "b", to: "c", credits: 50)).first?.auditID)
            try await database.sql("UPDATE meshmill.keys SET monthly_used = 140 WHERE name = 'c'")
            await #expect(throws: PostgresError.self) { try await client.query(Undo(auditID: id)) }
            #expect(try await limits(database) == "100 50 151")
        }
    }

    @Test(
        "are shared out to the last credit",
        arguments: [
            (RebalanceStrategy.even, nil as Int64?, "101 100 100"), (.even, 98, "92 5 1"), (.even, 500, "167 167 166"),
            (.even, 150, "92 29 29"), (.remaining, nil, "160 73 68"), (.remaining, 99, "93 5 1"),
        ]
    )
    func shares(strategy: RebalanceStrategy, total: Int64?, expected: String) async throws {
        try await withKeys { database async throws in
            let rebalance = Rebalance(org: "o", strategy: strategy, total: total, reason: "why")
            let preview = try await database.client.query(PreviewRebalance(rebalance))
            #expect(try await limits(database) == "100 100 101")
            let changes = try await database.client.query(rebalance)
            #expect(changes.map(\.after) == preview.map(\.after))
            let now = try await limits(database)
            #expect(now == expected)
            #expect(changes.reduce(0) { $0 + ($1.after ?? 0) } == total ?? 301)
        }
    }

    @Test("go to the pools that have work, by demand")
    func sharesByDemand() async throws {
        try await withKeys { database async throws in
            _ = try await database.add([1, 2, 3], to: try await database.openBatch())
            try await database.sql(
                """
                INSERT INTO meshmill.pools (name) VALUES ('idle');
                UPDATE meshmill.keys SET pool_id = 2 WHERE name = 'b'
                """
            )
            _ = try await database.client.query(Rebalance(org: "o", strategy: .demand))
            // Both keys of the pool with work share 203 credits that nobody has used.
            #expect(try await limits(database) == "194 5 102")
        }
    }

    @Test("refuse what cannot be: too small a sum, no sum, no such org")
    func refuses() async throws {
        try await withKeys { database async throws in
            let client = database.client
            for rebalance in [
                Rebalance(org: "o", strategy: .even, total: 97), Rebalance(org: "no", strategy: .even),
            ] {
                await #expect(throws: PostgresError.self) { try await client.query(rebalance) }
            }
            try await database.sql("UPDATE meshmill.keys SET monthly_limit = NULL WHERE name = 'b'")
            await #expect(throws: PostgresError.self) { try await client.query(Rebalance(org: "o", strategy: .even)) }
            await #expect(throws: PostgresError.self) {
                try await client.query(MoveQuota(from: "a", to: "b", credits: 1))
            }
            let changes = try await client.query(Rebalance(org: "o", strategy: .even, total: 300))
            #expect(changes.map(\.after) == [100, 100, 100])
        }
    }

    @Test("shares are exact for any weights", arguments: 0..<3 as Range<UInt64>)
    func sharesExactly(seed: UInt64) async throws {
        try await StoreTestDatabase.with { database async throws in
            let rows = try await database.sql(
                """
                SELECT setseed(\(Double(seed) / 3));
                WITH cases AS (
                    SELECT (random() * 1000)::bigint AS credits,
                           ARRAY(SELECT (random() * 9)::int::numeric FROM generate_series(1, 1 + g % 7)) AS weights
                    FROM generate_series(1, 300) AS g
                ), shares AS (
                    SELECT c.credits, c.weights, meshmill.share_out(c.credits, c.weights) AS shares FROM cases AS c
                )
                SELECT count(*) FROM shares AS s
                WHERE (SELECT sum(x) FROM unnest(s.shares) AS x) <> s.credits
                   OR (SELECT sum(w) FROM unnest(s.weights) AS w) > 0 AND EXISTS (
                       SELECT 1 FROM unnest(s.shares, s.weights) AS u (share, weight)
                       WHERE abs(u.share - s.credits * u.weight / (SELECT sum(w) FROM unnest(s.weights) AS w)) >= 1)
                """
            )
            #expect(rows.last == "0")
        }
    }
}
