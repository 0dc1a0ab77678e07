import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Beside people's open transactions", .timeLimit(.minutes(1)))
struct HeldRowTests {
    @Test("FAULTS 14: a row that an operator holds costs a claim half a second, and the holder is named")
    func heldRow() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            try await yard.client.withConnection { person in
                try await person.simpleQuery("BEGIN; SELECT FROM meshmill.tenants FOR UPDATE")
                let own = try await person.simpleQuery("SELECT pg_backend_pid()").rows.first?.first ?? nil
                var isNamed = false
                // The claim waits for half a second only, so it may have given up before anybody looked.
                while !isNamed {
                    async let outcome = claim(yard)
                    while try await yard.number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0,
                        try await yard.number("SELECT count(*) FROM meshmill.attempts") == 0
                    {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    let holders = try await yard.client.query(ListLockHolders())
                    isNamed = holders.contains { own == "\($0.pid)" }
                    #expect(try await outcome == .lockNotAvailable)
                }
                try await person.simpleQuery("ROLLBACK")
            }
            #expect(try await yard.claim(1).count == 1)
        }
    }

    @Test(
        "RULING 20: the next claim goes on without that org, tenant or batch",
        arguments: [
            ("orgs WHERE name = 'a'", "b b"), ("tenants WHERE name = 'default'", "/b /b /b /b"),
            ("batches WHERE out = '/a'", "/b /b /c /c"),
        ]
    )
    func goesOn(held: String, expected: String) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2, org: "a")
            try await yard.addKeys(2, org: "b")
            try await yard.addTenant("other", weight: 1)
            for out in ["/a", "/c"] { try await yard.addJobs(2, out: out) }
            try await yard.addJobs(4, tenant: "other", out: "/b")
            try await yard.client.withConnection { person in
                try await person.simpleQuery("BEGIN; SELECT FROM meshmill.\(held) FOR UPDATE")
                await #expect(throws: PostgresError.self) { try await yard.claim(4) }
                #expect(!(try await yard.claim(4, skipsHeld: true).isEmpty))
                try await person.simpleQuery("ROLLBACK")
            }
            let what = held.hasPrefix("orgs") ? "o.name" : "b.out"
            let claimed = """
                SELECT string_agg(\(what), ' ' ORDER BY \(what))
                FROM meshmill.attempts AS a JOIN meshmill.orgs AS o ON o.id = a.org_id
                JOIN meshmill.batches AS b ON b.id = a.batch_id
                """
            #expect(try await yard.text(claimed) == expected)
            #expect(try await yard.imbalance() == nil)
        }
    }

    /// What the server refuses a claim with; `nil` if it does not.
    private func claim(_ yard: Yard) async throws -> SQLState? {
        do {
            _ = try await yard.claim(1)
            return nil
        } catch let error as PostgresError {
            return error.sqlState
        }
    }

    @Test("a credit that was charged past a held row and comes back is not taken from the others of its batch")
    func refundOfPendingCharge() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(1)
            let attempt = try #require(try await yard.claim(1).first)
            try await yard.client.withConnection { person in
                try await person.simpleQuery(
                    "BEGIN; SELECT FROM meshmill.tenants FOR NO KEY UPDATE; SELECT FROM meshmill.batches FOR NO KEY UPDATE"
                )
                // Only a plain answer goes past held rows; others wait for them.
                let answer = AnswerRecord(
                    attemptID: attempt.attemptID,
                    effect: .accepted,
                    generationID: "g",
                    httpStatus: 200
                )
                _ = try await yard.client.query(SettleAnswers(worker: yard.worker, answers: [answer]))
                try await person.simpleQuery("ROLLBACK")
            }
            #expect(try await yard.number("SELECT count(*) FROM meshmill.pending_balances") == 2)
            let end = GenerationResult.End.failed(.fail, count: .own, code: "generation_failed", message: "no mesh")
            #expect(try await yard.finish(attempt, end, refunded: true))
            #expect(try await yard.imbalance() == nil)
            #expect(try await yard.number("SELECT used FROM meshmill.batches") == 0)
            #expect(try await yard.number("SELECT monthly_used FROM meshmill.tenants") == 0)
        }
    }

    @Test("FAULTS 14: while a snapshot is held claims read no more of the index than before")
    func heldSnapshot() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(20, setting: "rate_window = '1 s'")
            try await yard.addJobs(2_000)
            try await yard.client.withConnection { person in
                try await person.simpleQuery(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM meshmill.jobs"
                )
                let reads = try await yard.client.withConnection { try await claimAll(yard, on: $0) }
                #expect(reads[30...].reduce(0, +) <= reads[..<10].reduce(0, +) * 3 / 2, "\(reads)")
                try await person.simpleQuery("ROLLBACK")
            }
        }
    }

    /// Forty claims of a worker that remembers where it was, and the entries of the index of queued jobs that each read.
    private func claimAll(_ yard: Yard, on connection: PostgresConnection) async throws -> [Int] {
        func count() async throws -> Int {
            try await connection.simpleQuery("SELECT pg_stat_force_next_flush()")
            let rows = try await connection.simpleQuery(
                "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'jobs_queued'"
            ).rows
            return rows.first?.first.flatMap(\.self).flatMap { Int($0) } ?? -1
        }
        var cursors: [ClaimCursor] = []
        var reads: [Int] = []
        for _ in 0..<40 {
            let before = try await count()
            let claim = try await connection.query(
                ClaimJobs(
                    worker: yard.worker,
                    limit: 20,
                    pool: nil,
                    batch: nil,
                    requestDeadline: yard.deadline,
                    grace: yard.grace,
                    probe: false,
                    cursors: cursors
                )
            )
            reads.append(try await count() - before)
            #expect(claim.count == 20)
            cursors =
                claim.max { $0.jobID < $1.jobID }.map { last in
                    [ClaimCursor(batchID: last.batchID, priority: last.priority, jobID: last.jobID)]
                } ?? []
            try await yard.settle(claim, .accepted)
            try await yard.pass(2)
        }
        return reads
    }
}
