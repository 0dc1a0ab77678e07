import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

extension Yard {
    /// Settles one attempt with the provider's numbers: the key's month, where it has a limit, and the org's credits.
    @discardableResult
    func answer(
        _ attempt: ClaimedAttempt,
        _ effect: AnswerEffect = .accepted,
        used: Int? = nil,
        limit: Int = 100,
        remaining: Int? = nil
    ) async throws -> SettleAnswers.Row {
        let answer = AnswerRecord(
            attemptID: attempt.attemptID,
            effect: effect,
            generationID: effect.outcome == .generating ? "g\(attempt.attemptID)" : nil,
            creditsRemaining: remaining,
            keyMonthlyUsed: used,
            keyMonthlyLimit: used.map { _ in limit }
        )
        return try await client.query(SettleAnswers(worker: worker, answers: [answer]))[0]
    }

    /// One accepted POST on the only key that is ready, with what the provider said.
    @discardableResult
    func post(used: Int? = nil, limit: Int = 100, remaining: Int? = nil) async throws -> ClaimedAttempt {
        let attempt = try #require(try await claim(1).first)
        try await answer(attempt, used: used, limit: limit, remaining: remaining)
        return attempt
    }

    /// One POST whose answer is lost; the key may send again a second later.
    func lose() async throws -> ClaimedAttempt {
        let attempt = try #require(try await claim(1).first)
        try await answer(attempt, .lost)
        try await pass(1.5)
        return attempt
    }

    /// Where the credits of an attempt stand: `doubt`, or credits and what told of them.
    func verdict(_ attempt: ClaimedAttempt) async throws -> String? {
        try await text(
            """
            SELECT CASE WHEN reserved THEN 'doubt' ELSE credits || ' by ' || coalesce(evidence, '-') END
                || CASE WHEN paid_twice THEN ', paid twice' ELSE '' END
            FROM meshmill.attempts WHERE id = \(attempt.attemptID)
            """
        )
    }

    func job(of attempt: ClaimedAttempt) async throws -> String? {
        try await text("SELECT state || ' ' || unknowns FROM meshmill.jobs WHERE id = \(attempt.jobID)")
    }

    /// Where a cached balance differs from the ledger; nil when all is well.
    func imbalance() async throws -> String? {
        try await text("SELECT string_agg(c::text, ' ') FROM meshmill.check_ledger() AS c")
    }

    /// Entries of the ledger that hang on no attempt.
    func corrections() async throws -> String? {
        try await text(
            """
            SELECT string_agg(kind || ' ' || amount, ', ' ORDER BY id) FROM meshmill.ledger WHERE attempt_id IS NULL
            """
        )
    }
}

extension AnswerEffect {
    /// What a 503 does.
    static func unavailable(refunded: Bool) -> AnswerEffect {
        AnswerEffect(
            .refused,
            credit: refunded ? .refund(1) : .doubt,
            job: .schedule(.seconds(30)),
            count: .provider,
            provider: .failed,
            code: "BACKEND_ERROR",
            message: "x",
            refundUnconfirmed: !refunded
        )
    }

    /// What the end of a key's month does.
    static let monthUsedUp = AnswerEffect(
        .refused,
        credit: .release,
        job: .queue,
        key: .park(.seconds(3_600), cap: .seconds(86_400)),
        code: "KEY_LIMIT_EXCEEDED",
        message: "x"
    )

    /// What an account without credits does.
    static let outOfCredits = AnswerEffect(
        .refused,
        credit: .release,
        job: .queue,
        org: .park(.seconds(900), cap: .seconds(21_600)),
        code: "BILLING_ERROR",
        message: "x"
    )
}
