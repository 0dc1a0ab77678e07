import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Budgets under concurrency", .timeLimit(.minutes(2)))
struct BudgetTests {
    @Test(
        "KEYPOOL 9.2, THREAT 14: with one credit left, concurrent claims of many workers take exactly one",
        arguments: [
            "UPDATE meshmill.keys SET monthly_limit = CASE name WHEN 'org-1' THEN 1 ELSE 0 END",
            "UPDATE meshmill.orgs SET credits_remaining = 1",
            "UPDATE meshmill.tenants SET monthly_budget = 1",
            "UPDATE meshmill.batches SET max_credits = 1",
        ]
    )
    func oneCredit(limit: String) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(8)
            try await yard.addJobs(20)
            try await yard.run(limit)
            let claims = try await withThrowingTaskGroup(of: [ClaimedAttempt].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let worker = UUID()
                        try await yard.beat(worker)
                        do {
                            return try await yard.claim(4, as: worker)
                        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                            // On a busy machine the others took too long, so it took nothing.
                            return []
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claims.count == 1)
            // In doubt it still counts, and so does its charge.
            try await yard.answer(claims[0], .lost)
            try await yard.pass(2)
            #expect(try await yard.claim(4).isEmpty)
            try await yard.pass(910)
            #expect(try await yard.number("SELECT meshmill.charge_doubts(10)") == 1)
            #expect(try await yard.claim(4).isEmpty)
            #expect(try await yard.imbalance() == nil)
        }
    }
}
