import MeshmillCore
import MeshmillStore
import Testing

@Suite("Which jobs a claim reads", .timeLimit(.minutes(2)))
struct DueLaneTests {
    @Test("retries get a fifth of the slots while fresh jobs wait, and all of them when none does")
    func share() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(40)
            try await yard.addJobs(60)
            // Twenty jobs come back at once.
            try await yard.settle(
                try await yard.claim(20),
                AnswerEffect(.unsent, slot: .free, credit: .release, job: .queue)
            )
            let due = try await yard.number("SELECT count(*) FROM meshmill.jobs WHERE due AND state = 'queued'")
            #expect(due == 20)
            let first = try await yard.claim(20)
            #expect(first.count == 20)
            #expect((4...5).contains(first.filter(\.isDue).count))
            // One at a time it comes to the same.
            var retried = 0
            for _ in 0..<10 { retried += try await yard.claim(1).filter(\.isDue).count }
            #expect((2...3).contains(retried))
            try await yard.run("UPDATE meshmill.jobs SET state = 'cancelled' WHERE state = 'queued' AND NOT due")
            let rest = try await yard.claim(10)
            #expect(rest.count == 10 && rest.allSatisfy(\.isDue))
        }
    }

    @Test("a cursor reads on behind the last job, by priority and then by age")
    func cursor() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(10)
            try await yard.addJobs(6)
            try await yard.run("UPDATE meshmill.jobs SET priority = 5 WHERE id IN (4, 5)")
            #expect(try await yard.claim(1).map(\.jobID) == [4])
            let cursor = ClaimCursor(batchID: 1, priority: 5, jobID: 4)
            #expect(try await yard.claim(2, cursors: [cursor]).map(\.jobID).sorted() == [1, 5])
            let behind = ClaimCursor(batchID: 1, priority: 0, jobID: 3)
            #expect(try await yard.claim(5, cursors: [behind]).map(\.jobID) == [6], "2 and 3 are behind it")
            #expect(try await yard.claim(5).map(\.jobID).sorted() == [2, 3], "a rewound claim finds them")
        }
    }

    @Test("a batch at its cap and a paused tenant keep nobody waiting")
    func blocked() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3)
            try await yard.addJobs(50, out: "/capped", setting: "max_credits = 1")
            try await yard.addTenant("paused", weight: 1)
            try await yard.addJobs(50, tenant: "paused", out: "/paused")
            try await yard.run("UPDATE meshmill.tenants SET paused = true WHERE name = 'paused'")
            try await yard.addJobs(2, out: "/free")
            #expect(try await yard.claim(3).count == 3)
            #expect(try await yard.claim(3).isEmpty)
        }
    }

    @Test("a retry within a capped batch uses the batch's room once")
    func capped() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(10)
            try await yard.addJobs(10, setting: "max_credits = 3")
            try await yard.settle(
                try await yard.claim(2),
                AnswerEffect(.unsent, slot: .free, credit: .release, job: .queue)
            )
            #expect(try await yard.claim(10).count == 3)
            #expect(try await yard.claim(10).isEmpty)
        }
    }
}
