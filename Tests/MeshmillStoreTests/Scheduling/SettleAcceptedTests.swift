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
            if !isQuick {
                try await yard.run(
                    """
                    CREATE OR REPLACE FUNCTION meshmill.settle_accepted(
                        p_worker uuid, p_answers jsonb, OUT attempt_ids bigint[], OUT epochs bigint[]
                    ) LANGUAGE sql AS $$ SELECT '{}'::bigint[], '{}'::bigint[] $$
                    """
                )
            }
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
    private func rows(of table: String, in yard: Yard) async throws -> [String] {
        let rows = try await yard.client.withConnection { connection in
            try await connection.simpleQuery(
                """
                SELECT '\(table) ' || (
                    SELECT jsonb_object_agg(e.key, CASE WHEN e.value::text ~ '^"[0-9]{4}-[0-9]{2}-[0-9]{2}T' THEN '"time"' ELSE e.value END)
                    FROM jsonb_each(to_jsonb(t) - '{id,job_id,fingerprint,worker_id,use_rank}'::text[] \(table == "jobs" ? "- 'attempt_id'" : "")) AS e)::text
                FROM meshmill.\(table) AS t
                """
            ).rows
        }
        return rows.compactMap { $0.first.flatMap(\.self) }.sorted()
    }

    @Test("it writes what the general way writes")
    func writesTheSame() async throws {
        let quick = try await story(isQuick: true)
        let general = try await story(isQuick: false)
        #expect(quick.count == general.count)
        for (ours, theirs) in zip(quick, general) { #expect(ours == theirs) }
    }
}
