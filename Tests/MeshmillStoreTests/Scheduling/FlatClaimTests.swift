import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("The cost of claims and answers", .timeLimit(.minutes(2)))
struct FlatClaimTests {
    @Test("no table that grows is read as a whole, whatever lies in it, and no more rows are than were granted")
    func flat() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(40)
            try await yard.addJobs(30_000)
            // Half of it has ended; nobody has looked at the tables yet.
            try await yard.run("UPDATE meshmill.jobs SET state = 'cancelled' WHERE id <= 15000")
            try await yard.addJobs(5_000, out: "/paused", setting: "state = 'paused'")
            let reads = """
                SELECT sum(s.seq_scan), sum(s.idx_tup_fetch) FROM pg_stat_user_tables AS s
                WHERE s.schemaname = 'meshmill' AND s.relname IN ('jobs', 'attempts', 'ledger', 'slots')
                """
            try await yard.client.withConnection { connection in
                func count() async throws -> [Int] {
                    try await connection.simpleQuery("SELECT pg_stat_force_next_flush()")
                    let row = try await connection.simpleQuery(reads).rows.first ?? []
                    return row.map { $0.flatMap(Int.init) ?? -1 }
                }
                // More than the five calls after which a plan is made for any values.
                for _ in 1...8 {
                    let before = try await count()
                    let claim = try await connection.query(
                        ClaimJobs(
                            worker: yard.worker,
                            limit: 5,
                            pool: nil,
                            batch: nil,
                            requestDeadline: yard.deadline,
                            grace: yard.grace,
                            probe: false
                        )
                    )
                    #expect(claim.count == 5)
                    let answers = claim.map { attempt in
                        AnswerRecord(
                            attemptID: attempt.attemptID,
                            effect: .accepted,
                            generationID: "g\(attempt.attemptID)",
                            httpStatus: 200
                        )
                    }
                    let rows = try await connection.query(SettleAnswers(worker: yard.worker, answers: answers))
                    #expect(rows.map(\.isMoved) == [true, true, true, true, true])
                    let after = try await count()
                    #expect(after[0] == before[0], "scans of whole tables")
                    #expect(after[1] - before[1] < 1_000, "rows read by index")
                }
            }
        }
    }

    @Test("no look for one key's POST can be planned as a walk along all live attempts")
    func looksAtNoOthers() async throws {
        try await Yard.with { yard in
            // As between two indexes that look equally empty: the better one is out of sight.
            let plan = try await yard.client.withConnection { connection in
                try await connection.simpleQuery(
                    """
                    BEGIN; DROP INDEX meshmill.one_post_in_flight_a_key; SET LOCAL enable_seqscan = off;
                    SET LOCAL enable_bitmapscan = off
                    """
                )
                let plan = try await connection.simpleQuery(
                    "EXPLAIN SELECT true FROM meshmill.attempts WHERE key_id = 1 AND state = 'submitting' LIMIT 1"
                ).rows
                try await connection.simpleQuery("ROLLBACK")
                return plan.compactMap(\.first).compactMap(\.self).joined(separator: "\n")
            }
            #expect(plan.contains("attempts") && !plan.contains("one_live_attempt_a_job"), "\(plan)")
        }
    }
}
