import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Key policies", .timeLimit(.minutes(2)))
struct KeyPolicyTests {
    /// Uses one key at a time and returns how often each was used.
    private func uses(_ yard: Yard, posts: Int, apart seconds: Double = 120) async throws -> [String: Int] {
        var uses: [String: Int] = [:]
        for _ in 0..<posts {
            let claim = try await yard.claim(1)
            uses[claim.first?.keyName ?? "none", default: 0] += 1
            try await yard.settle(claim, .accepted)
            try await yard.pass(seconds)
        }
        return uses
    }

    private func set(_ yard: Yard, _ policy: String) async throws {
        try await yard.client.execute(SetSetting(name: "key_policy", value: policy))
    }

    @Test("largest-remaining brings shares of different months together")
    func largestRemaining() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3, setting: "monthly_limit = CASE name WHEN 'org-1' THEN 320 ELSE 64 END")
            try await yard.run("UPDATE meshmill.keys SET monthly_used = 32 WHERE name = 'org-3'")
            try await yard.addJobs(60)
            // Slowly, so that the first key's slots do not bind.
            let uses = try await uses(yard, posts: 48, apart: 300)
            #expect(uses["org-3"] == nil)
            #expect(abs((uses["org-1"] ?? 0) - 5 * (uses["org-2"] ?? 0)) <= 15, "\(uses)")
        }
    }

    @Test("keys alike are used alike, in turn", arguments: ["largest-remaining", "even"])
    func alike(policy: String) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(4)
            try await yard.addJobs(60)
            try await set(yard, policy)
            #expect(try await uses(yard, posts: 40) == ["org-1": 10, "org-2": 10, "org-3": 10, "org-4": 10])
        }
    }

    @Test("even goes in turn whatever the months, but one that is ahead of the month waits for the others")
    func even() async throws {
        try await Yard.with { yard in
            try await yard.run(
                """
                UPDATE meshmill.clock_offset
                SET shift = date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '45 days'
                    - interval '0' - now()
                """
            )
            try await yard.beat()
            try await yard.addKeys(3, setting: "monthly_limit = 1000")
            // Around the middle of the month: 1 and 2 are behind, by different measures, and 3 is ahead.
            try await yard.run("UPDATE meshmill.keys SET monthly_used = 200 WHERE name = 'org-1'")
            try await yard.run("UPDATE meshmill.keys SET monthly_used = 900 WHERE name = 'org-3'")
            try await yard.addJobs(60)
            try await set(yard, "even")
            #expect(try await uses(yard, posts: 20) == ["org-1": 10, "org-2": 10])
        }
    }

    @Test("fill-first uses a later key only while the earlier ones are busy")
    func fillFirst() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3)
            try await yard.addJobs(60)
            try await set(yard, "fill-first")
            // Five slots in fifteen minutes, one POST in two minutes: the first key is full now and then.
            let uses = try await uses(yard, posts: 30)
            #expect((uses["org-1"] ?? 0) > (uses["org-2"] ?? 0))
            #expect(uses["org-3"] == nil, "\(uses)")
        }
    }

    @Test("the order among ten thousand ready keys costs no more than what is granted")
    func cost() async throws {
        try await Yard.with { yard in
            try await yard.run(
                """
                INSERT INTO meshmill.orgs (name) VALUES ('o');
                INSERT INTO meshmill.keys (name, org_id, pool_id, monthly_limit, monthly_used)
                SELECT 'k' || i, 1, 1, 1000, i % 900 FROM generate_series(1, 10000) AS i
                """
            )
            // As a worker would run it for weeks: a generic plan, and no statistics to speak of.
            let plan = try await yard.client.withConnection { connection in
                try await connection.simpleQuery("SET plan_cache_mode = force_generic_plan")
                try await connection.simpleQuery(
                    """
                    PREPARE ready (bigint, integer, timestamptz, integer) AS
                    SELECT k.id
                    FROM meshmill.keys AS k
                    JOIN meshmill.orgs AS o ON o.id = k.org_id
                    WHERE k.pool_id = $1 AND k.state = 'active' AND k.use_rank = $2 AND k.ready_at <= $3
                      AND meshmill.has_quota(k) AND meshmill.may_spend(o, $3)
                    ORDER BY k.ready_at
                    LIMIT $4
                    """
                )
                return try await connection.simpleQuery(
                    "EXPLAIN (ANALYZE, BUFFERS, COSTS off, TIMING off, SUMMARY off) EXECUTE ready (1, 0, clock_timestamp(), 5)"
                ).rows.map { $0[0] ?? "" }.joined(separator: "\n")
            }
            #expect(plan.contains("Index Scan using keys_ready"), "\(plan)")
            #expect(!plan.contains("Sort"), "\(plan)")
        }
    }
}
