import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Claiming", .timeLimit(.minutes(2)))
struct ClaimTests {
    @Test("a POST whose job was cancelled keeps its key from sending, whatever is changed of the key meanwhile")
    func cancelledInFlight() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(2)
            _ = try await yard.claim(1)
            _ = try await yard.text("SELECT meshmill.cancel_jobs(ARRAY[1], 'cancelled', 'by a person')")
            for state in ["paused", "active"] {
                _ = try await yard.text(
                    "SELECT name FROM meshmill.change_key('org-1', '{\"state\": \"\(state)\"}', 'a change', NULL)"
                )
            }
            #expect(try await yard.claim(1).isEmpty)
            try await yard.pass(7)
            #expect(try await yard.claim(1).map(\.jobID) == [2])
        }
    }

    @Test("a budget that a person lowers below what is used is no overspending")
    func loweredBudget() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(3)
            for _ in 0..<2 { try await yard.post() }
            _ = try await yard.text(
                "SELECT meshmill.change_tenant('default', '{\"monthly_budget\": 1}', 'set_tenant', NULL)"
            )
            let violated = try await yard.client.query(RunAudit()).filter { $0.violations > 0 }.map(\.name)
            #expect(violated == [])
        }
    }

    @Test("a tenant's turn is counted in its own pool: others neither reset it, nor set where it starts")
    func turnsOfPools() async throws {
        try await Yard.with { yard in
            try await yard.run(
                """
                INSERT INTO meshmill.pools (name) VALUES ('slow');
                INSERT INTO meshmill.tenants (name, pool_id, virtual_time) VALUES ('x', 2, 7), ('y', 2, 7);
                UPDATE meshmill.tenants SET virtual_time = 100000, backlogged = true WHERE name = 'default'
                """
            )
            try await yard.addKeys(1, org: "fast", setting: "rate_limit = 1")
            try await yard.addKeys(1, org: "slow")
            try await yard.run("UPDATE meshmill.keys SET pool_id = 2 WHERE name LIKE 'slow%'")
            for tenant in ["default", "x", "y"] { try await yard.addJobs(9, tenant: tenant, out: "/" + tenant) }
            for _ in 0..<4 {
                for pool in [Int64(1), 2] {
                    let claimed = try await yard.client.query(
                        ClaimJobs(
                            worker: yard.worker,
                            limit: 1,
                            pool: pool,
                            batch: nil,
                            requestDeadline: yard.deadline,
                            grace: yard.grace,
                            probe: false
                        )
                    )
                    #expect(claimed.count == 1)
                    try await yard.settle(claimed, .accepted)
                }
                try await yard.pass(1_000)
            }
            let served =
                "SELECT string_agg(t.name || ' ' || n, ', ' ORDER BY t.name) FROM meshmill.tenants AS t, "
                + "LATERAL (SELECT count(*) AS n FROM meshmill.attempts AS a WHERE a.tenant_id = t.id) AS c"
            #expect(try await yard.text(served) == "default 4, x 2, y 2")
            _ = try await yard.text("SELECT meshmill.add_tenant('z', '{\"pool\": \"slow\"}', NULL)")
            _ = try await yard.text("SELECT meshmill.change_tenant('x', '{\"pool\": \"default\"}', 'set_tenant', NULL)")
            let tags = "SELECT string_agg(name || ' ' || round(virtual_time), ', ' ORDER BY name) FROM meshmill.tenants"
            #expect(try await yard.text(tags) == "default 100004, x 100004, y 9, z 9")
        }
    }

    @Test("LESSON 2: a claim takes one slot a key, and no key with a POST in flight")
    func oneInFlight() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3)
            try await yard.addJobs(20)
            let first = try await yard.claim(10)
            #expect(first.count == 3)
            #expect(Set(first.map(\.keyID)).count == 3)
            let second = try await yard.claim(10)
            #expect(second.isEmpty)
            try await yard.settle([first[0]], .accepted)
            let third = try await yard.claim(10)
            #expect(third.map(\.keyID) == [first[0].keyID])
        }
    }

    @Test("a key never has more than its limit in any window, from answer to answer")
    func window() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(20)
            for _ in 0..<5 {
                let claim = try await yard.claim(10)
                #expect(claim.count == 1)
                try await yard.settle(claim, .accepted)
                try await yard.pass(10)
            }
            let sixth = try await yard.claim(10)
            #expect(sixth.isEmpty)
            // The first answer was 50 s ago: its slot is free 850 s from now, and not before.
            try await yard.pass(845)
            let early = try await yard.claim(10)
            #expect(early.isEmpty)
            try await yard.pass(10)
            let due = try await yard.claim(10)
            #expect(due.count == 1)
        }
    }

    @Test(
        "LESSON 1: a slot whose POST was never answered stays spent until it cannot be counted any more, and a window"
    )
    func pessimistic() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "rate_limit = 1")
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0")
            try await yard.addJobs(5)
            let lost = try await yard.claim(1)
            try await yard.settle(lost, .lost)
            // The window is over, deadline and grace are not; on a busy machine seconds pass by themselves.
            try await yard.pass(900)
            try await yard.beat()
            let early = try await yard.claim(1)
            #expect(early.isEmpty)
            try await yard.pass(7)
            let due = try await yard.claim(1)
            #expect(due.count == 1)
        }
    }

    @Test("what was provably not sent gives slot, credit and attempt back at once")
    func unsent() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            let claim = try await yard.claim(1)
            try await yard.settle(claim, AnswerEffect(.unsent, slot: .free, credit: .release, job: .queue))
            let free = try await yard.number("SELECT count(*) FROM meshmill.slots WHERE free_at <= meshmill.clock()")
            #expect(free == 5)
            let attempts = try await yard.number("SELECT attempts FROM meshmill.jobs")
            #expect(attempts == 0)
            let reserved = try await yard.number("SELECT reserved FROM meshmill.keys")
            #expect(reserved == 0)
        }
    }

    @Test("reserved slots stay free for people")
    func reserveSlots() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "reserve_slots = 2")
            try await yard.addJobs(20)
            var posts = 0
            for _ in 0..<6 {
                let claim = try await yard.claim(1)
                posts += claim.count
                try await yard.settle(claim, .accepted)
            }
            #expect(posts == 3)
        }
    }

    @Test(
        "no limit is passed: the key's month, the org's credits, the tenant's budget, the batch's cap",
        arguments: [
            "UPDATE meshmill.keys SET monthly_limit = 2",
            "UPDATE meshmill.orgs SET credits_remaining = 2",
            "UPDATE meshmill.tenants SET monthly_budget = 2",
            "UPDATE meshmill.batches SET max_credits = 2",
        ]
    )
    func limits(limit: String) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(20)
            try await yard.run(limit)
            var posts = 0
            for _ in 0..<5 {
                let claim = try await yard.claim(10)
                posts += claim.count
                try await yard.settle(claim, .accepted)
            }
            #expect(posts == 2)
        }
    }

    @Test("the provider's monthly limit counts as soon as an answer names it, whatever ours says")
    func providerLimit() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "monthly_limit = 50")
            try await yard.addJobs(5)
            try await yard.settle(try await yard.claim(1), .accepted, monthly: (used: 9, limit: 10))
            let last = try await yard.claim(1)
            #expect(last.count == 1)
            try await yard.settle(last, .accepted, monthly: (used: 10, limit: 10))
            let none = try await yard.claim(1)
            #expect(none.isEmpty)
        }
    }

    @Test("many keys at once stay within an org's last credits")
    func lastCredits() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(10)
            try await yard.addJobs(20)
            try await yard.run("UPDATE meshmill.orgs SET credits_remaining = 3")
            let claim = try await yard.claim(10)
            #expect(claim.count == 3)
        }
    }

    @Test("ten claimers at once never take a job, a slot or a key twice")
    func concurrent() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(40)
            try await yard.addJobs(30)
            let claims = try await withThrowingTaskGroup(of: [ClaimedAttempt].self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        while true {
                            do {
                                return try await yard.claim(7)
                            } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                                // Others held the org for half a second; a worker claims again, and so does this.
                            }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(claims.map(\.jobID)).count == claims.count)
            #expect(Set(claims.map(\.keyID)).count == claims.count)
            let reserved = try await yard.number("SELECT sum(reserved) FROM meshmill.keys")
            #expect(reserved == claims.count)
        }
    }

    @Test(
        "a paused tenant, pool, org, key or batch, the switch, or a lease that ran out: nothing is claimed",
        arguments: [
            "UPDATE meshmill.tenants SET paused = true",
            "UPDATE meshmill.pools SET paused = true",
            "UPDATE meshmill.orgs SET paused = true",
            "UPDATE meshmill.keys SET state = 'paused'",
            "UPDATE meshmill.keys SET state = 'draining'",
            "UPDATE meshmill.keys SET blocked_until = meshmill.clock() + interval '1 h', ready_at = meshmill.clock() + interval '1 h'",
            "UPDATE meshmill.batches SET state = 'paused'",
            "UPDATE meshmill.installation SET submitting = false",
            "UPDATE meshmill.breaker SET is_open = true, probe_at = meshmill.clock() + interval '1 h'",
            "UPDATE meshmill.workers SET lease_until = meshmill.clock() - interval '1 s'",
        ]
    )
    func paused(change: String) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(2)
            try await yard.run(change)
            let claim = try await yard.claim(10)
            #expect(claim.isEmpty)
        }
    }

    @Test("keys are used alike: the one with the largest share of its month left goes first")
    func keyChoice() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, setting: "monthly_limit = 100")
            try await yard.addJobs(3)
            try await yard.run("UPDATE meshmill.keys SET monthly_used = 60 WHERE name = 'org-1'")
            let claim = try await yard.claim(1)
            #expect(claim.first?.keyName == "org-2")
        }
    }

    @Test(
        "weights share the slots while all have work, whatever the backlogs",
        arguments: [
            [1.0, 2, 5], [1, 100], [3, 1],
        ]
    )
    func fairShares(weights: [Double]) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(8)
            for (index, weight) in weights.enumerated() {
                try await yard.addTenant("t\(index)", weight: weight)
                try await yard.addJobs(100 * (index + 1), tenant: "t\(index)", out: "/t\(index)")
            }
            var served = [Int64: Double]()
            for round in 0..<12 {
                let claim = try await yard.claim(8)
                for attempt in claim { served[attempt.batchID, default: 0] += 1 }
                try await yard.settle(claim, .accepted)
                try await yard.pass(round % 5 == 4 ? 900 : 1)
                let shares = weights.indices.map { served[Int64($0 + 1), default: 0] / weights[$0] }
                // Service divided by weight differs by at most one slot of the lightest.
                #expect(
                    (shares.max() ?? 0) - (shares.min() ?? 0) <= 1 / (weights.min() ?? 1) + 1e-9,
                    "round \(round): \(shares)"
                )
            }
        }
    }

    @Test("an idle tenant banks nothing: when it comes back it shares from then on")
    func lateJoiner() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(4)
            try await yard.addTenant("busy", weight: 1)
            try await yard.addTenant("late", weight: 1)
            try await yard.addJobs(100, tenant: "busy", out: "/busy")
            for _ in 0..<5 {
                try await yard.settle(try await yard.claim(4), .accepted)
                try await yard.pass(1)
            }
            try await yard.addJobs(100, tenant: "late", out: "/late")
            try await yard.pass(900)
            try await yard.beat()
            let late = try await yard.number("SELECT id FROM meshmill.batches WHERE out = '/late'")
            let claim = try await yard.claim(4)
            let share = claim.filter { $0.batchID == Int64(late) }.count
            #expect(share == 2)
        }
    }
}
