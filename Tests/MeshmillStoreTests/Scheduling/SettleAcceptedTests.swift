import AmaraSimulator
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Settling accepted answers in one pass", .timeLimit(.minutes(2)))
struct SettleAcceptedTests {
    /// Three keys with orgs of their own, one org with two keys, a paced and a reserving key; four rounds of answers, most
    /// of them accepted with the numbers that the books expect, one round with a lost answer and a refusal among them.
    private func story(isQuick: Bool) async throws -> [String] {
        var told: [String] = []
        try await Yard.with { yard in
            if !isQuick { try await yard.run(Self.neverQuick) }
            for org in ["a", "b", "c"] { try await yard.addKeys(1, org: org) }
            try await yard.addKeys(2, org: "shared")
            try await yard.run("UPDATE meshmill.keys SET reserve_slots = 1, monthly_limit = 50 WHERE name = 'b-1'")
            try await yard.addJobs(40)
            for round in 1...4 {
                let claim = try await yard.claim(10)
                #expect(claim.count == 5)
                let answers = claim.enumerated().map { index, attempt in
                    answer(
                        to: attempt,
                        in: round,
                        isLost: round == 3 && index == 1,
                        isRefused: round == 3 && index == 2
                    )
                }
                let rows = try await yard.client.query(SettleAnswers(worker: yard.worker, answers: answers))
                told += rows.sorted { $0.attemptID < $1.attemptID }
                    .map {
                        "\($0.attemptID) \($0.isAccepted) \($0.isMoved) \($0.jobState?.rawValue ?? "") \($0.leaseEpoch)"
                    }
                try await yard.pass(1_000)
            }
            for table in ["keys", "slots", "orgs", "tenants", "batches", "jobs", "attempts", "ledger", "drifts"] {
                told += try await rows(of: table, in: yard)
            }
        }
        return told
    }

    private func answer(to attempt: ClaimedAttempt, in round: Int, isLost: Bool, isRefused: Bool) -> AnswerRecord {
        if isLost {
            return AnswerRecord(
                attemptID: attempt.attemptID,
                effect: AnswerEffect(.unknown, slot: .keep, credit: .doubt, job: .hold, code: "unknown")
            )
        }
        if isRefused {
            return AnswerRecord(attemptID: attempt.attemptID, effect: .limited, httpStatus: 429)
        }
        let isShared = attempt.keyName.hasPrefix("shared")
        return AnswerRecord(
            attemptID: attempt.attemptID,
            effect: .accepted,
            generationID: "g\(attempt.attemptID)",
            httpStatus: 200,
            creditsRemaining: isShared ? nil : 100 - round,
            keyMonthlyUsed: attempt.keyName == "b-1" ? round : nil,
            keyMonthlyLimit: attempt.keyName == "b-1" ? 60 : nil
        )
    }

    /// A table's rows in order, with times told only as being there, and without what chance decides: ids, and which of
    /// several jobs went with which of several keys.
    private func rows(of table: String, without column: String = "id", in yard: Yard) async throws -> [String] {
        let rows = try await yard.client.withConnection { connection in
            try await connection.simpleQuery(
                """
                SELECT '\(table) ' || (
                    SELECT jsonb_object_agg(e.key, CASE WHEN e.value::text ~ '^"[0-9]{4}-[0-9]{2}-[0-9]{2}T' THEN '"time"' ELSE e.value END)
                    FROM jsonb_each(to_jsonb(t) - '{id,job_id,fingerprint,worker_id,use_rank,observation_id,\(column)}'::text[] \(table == "jobs" ? "- 'attempt_id'" : "")) AS e)::text
                FROM meshmill.\(table) AS t
                """
            ).rows
        }
        return rows.compactMap { $0.first.flatMap(\.self) }.sorted()
    }

    /// One org with four keys, whose answers come some at a time and tell numbers around what the books expect: those
    /// of POSTs beside them are in or not, credits come back, are added or are used by others.
    private func sharedStory(isQuick: Bool, seed: UInt64) async throws -> [String] {
        var told: [String] = []
        var random = SeededGenerator(seed: seed)
        try await Yard.with { yard in
            if !isQuick { try await yard.run(Self.neverQuick) }
            try await yard.addKeys(4, org: "shared")
            try await yard.addJobs(40)
            var left = 100
            for _ in 1...5 {
                let claim = try await yard.claim(10)
                #expect(claim.count == 4)
                var waiting = claim.sorted { $0.attemptID < $1.attemptID }
                while !waiting.isEmpty {
                    let some = waiting.prefix(Int.random(in: 1...2, using: &random))
                    waiting.removeFirst(some.count)
                    left += [0, 0, 0, 0, 3, -2][Int.random(in: 0..<6, using: &random)]
                    let answers = some.map { attempt in
                        left -= 1
                        return AnswerRecord(
                            attemptID: attempt.attemptID,
                            effect: .accepted,
                            generationID: "g\(attempt.attemptID)",
                            httpStatus: 200,
                            creditsRemaining: left - Int.random(in: 0...waiting.count, using: &random)
                        )
                    }
                    _ = try await yard.client.query(SettleAnswers(worker: yard.worker, answers: answers))
                    // Of two numbers that come at once either may be the last that was heard.
                    told += try await rows(of: "orgs", without: "credits_reported", in: yard)
                    told += try await rows(of: "drifts", in: yard)
                }
                try await yard.pass(1_000)
            }
            for table in ["keys", "slots", "tenants", "batches", "jobs", "ledger"] {
                told += try await rows(of: table, in: yard)
            }
        }
        return told
    }

    /// Row by row, so that a difference shows as the two rows.
    private func expectTheSame(_ story: (_ isQuick: Bool) async throws -> [String]) async throws {
        let quick = try await story(true)
        let general = try await story(false)
        #expect(quick.count == general.count)
        for (ours, theirs) in zip(quick, general) { #expect(ours == theirs) }
    }

    private static let neverQuick = """
        CREATE OR REPLACE FUNCTION meshmill.settle_accepted(
            p_worker uuid, p_answers jsonb, OUT attempt_ids bigint[], OUT epochs bigint[]
        ) LANGUAGE sql AS $$ SELECT '{}'::bigint[], '{}'::bigint[] $$
        """

    @Test("it writes what the general way writes")
    func writesTheSame() async throws {
        try await expectTheSame { try await story(isQuick: $0) }
    }

    @Test(
        "it does so with several POSTs of an org under way, whatever the org's number says",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func writesTheSameBeside(seed: UInt64) async throws {
        try await expectTheSame { try await sharedStory(isQuick: $0, seed: seed) }
    }

    @Test("an org's number with other POSTs under way is a plain one")
    func numberBeside() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(3, org: "shared")
            try await yard.addJobs(3)
            try await yard.run("UPDATE meshmill.orgs SET credits_remaining = 100")
            let claim = try await yard.claim(3)
            let plain = try await yard.text(
                """
                SELECT cardinality(attempt_ids) FROM meshmill.settle_accepted('\(yard.worker)', jsonb_build_array(
                    jsonb_build_object('attempt_id', \(claim[0].attemptID), 'outcome', 'generating', 'slot', 'hold',
                        'counts', 'none', 'credit', 'charge', 'credits', 1, 'job', 'generating', 'key', 'none', 'org', 'none',
                        'http_status', 200, 'generation_id', 'g', 'credits_remaining', 97)))
                """
            )
            #expect(plain == "1")
        }
    }
}
