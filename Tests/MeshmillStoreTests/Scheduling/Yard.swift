import Foundation
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient
import TestDatabase

/// A database with keys, tenants and queued jobs, whose clock only moves when a test moves it forward.
struct Yard {
    let client: PostgresClient
    let worker = UUID()
    let deadline: Duration = .seconds(5)
    let grace: Duration = .seconds(1)
    let lease: Duration = .seconds(30)

    /// Makes the schema and runs `body`.
    static func with(_ body: (Yard) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let migrate: @Sendable (String) async throws -> Void = { connectionString in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: connectionString),
                logger: logger
            )
            _ = try await Migrator(client).migrate()
            await client.close()
        }
        try await withTestDatabase(template: "scheduling", prepare: migrate) { connectionString in
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: connectionString),
                logger: logger
            )
            let yard = Yard(client: client)
            try await yard.beat()
            try await body(yard)
            await client.close()
        }
    }

    func beat(_ id: UUID? = nil) async throws {
        _ = try await client.query(Heartbeat(worker: id ?? worker, name: "test", version: "0", lease: lease))
    }

    /// Keys of one org, each 5 per 15 min without a margin.
    func addKeys(_ count: Int, org: String = "org", setting: String = "") async throws {
        try await run("INSERT INTO meshmill.orgs (name) VALUES ('\(org)') ON CONFLICT DO NOTHING")
        try await run(
            """
            WITH k AS (
                INSERT INTO meshmill.keys (name, org_id, pool_id, margin)
                SELECT '\(org)-' || i, (SELECT id FROM meshmill.orgs WHERE name = '\(org)'), 1, '0'
                FROM generate_series(1, \(count)) AS i
                RETURNING id)
            INSERT INTO meshmill.slots (key_id, ordinal, free_at)
            SELECT k.id, s, meshmill.clock() FROM k, generate_series(0, 4) AS s
            """
        )
        if !setting.isEmpty { try await run("UPDATE meshmill.keys SET \(setting)") }
    }

    func addTenant(_ name: String, weight: Double) async throws {
        try await run("INSERT INTO meshmill.tenants (name, pool_id, weight) VALUES ('\(name)', 1, \(weight))")
    }

    func addJobs(_ count: Int, tenant: String = "default", out: String = "/out", setting: String = "") async throws {
        try await run(
            """
            INSERT INTO meshmill.batches (tenant_id, out)
            SELECT id, '\(out)' FROM meshmill.tenants WHERE name = '\(tenant)' ON CONFLICT DO NOTHING
            """
        )
        try await run(
            """
            INSERT INTO meshmill.jobs (batch_id, tenant_id, fingerprint, input_sha256, input_format)
            SELECT b.id, b.tenant_id, gen_random_uuid(), '\\x00', 'png'
            FROM meshmill.batches AS b JOIN meshmill.tenants AS t ON t.id = b.tenant_id, generate_series(1, \(count))
            WHERE b.out = '\(out)' AND t.name = '\(tenant)'
            """
        )
        if !setting.isEmpty { try await run("UPDATE meshmill.batches SET \(setting) WHERE out = '\(out)'") }
    }

    func claim(
        _ limit: Int,
        as id: UUID? = nil,
        probe: Bool = false,
        cursors: [ClaimCursor] = [],
        skipsHeld: Bool = false
    ) async throws -> [ClaimedAttempt] {
        try await client.query(
            ClaimJobs(
                worker: id ?? worker,
                limit: limit,
                pool: nil,
                batch: nil,
                requestDeadline: deadline,
                grace: grace,
                probe: probe,
                cursors: cursors,
                skipsHeld: skipsHeld
            )
        )
    }

    @discardableResult
    func settle(
        _ attempts: [ClaimedAttempt],
        _ effect: AnswerEffect,
        as id: UUID? = nil,
        monthly: (used: Int, limit: Int)? = nil
    ) async throws -> [SettleAnswers.Row] {
        let answers = attempts.map { attempt in
            AnswerRecord(
                attemptID: attempt.attemptID,
                effect: effect,
                generationID: effect.outcome == .generating ? "g\(attempt.attemptID)" : nil,
                keyMonthlyUsed: monthly?.used,
                keyMonthlyLimit: monthly?.limit
            )
        }
        return try await client.query(SettleAnswers(worker: id ?? worker, answers: answers))
    }

    /// Records a 429 of one attempt, and lets all keys learn from it.
    func refuse(_ attempt: ClaimedAttempt, _ stated: StatedRateLimit, hold: Duration? = nil) async throws {
        let wait = hold ?? .seconds(stated.retryAfter ?? 60) + .seconds(3)
        let answer = AnswerRecord(
            attemptID: attempt.attemptID,
            effect: AnswerEffect(
                .refused,
                credit: .release,
                job: .queue,
                key: .hold(wait),
                code: "RATE_LIMIT_EXCEEDED",
                message: "x"
            ),
            httpStatus: 429,
            rateLimit: stated
        )
        _ = try await client.query(SettleAnswers(worker: worker, answers: [answer]))
        _ = try await client.query(LearnWindowModel())
    }

    func finish(
        _ attempt: ClaimedAttempt,
        _ end: GenerationResult.End,
        as id: UUID? = nil,
        refunded: Bool? = nil
    ) async throws -> Bool {
        let result = GenerationResult(
            attemptID: attempt.attemptID,
            jobID: attempt.jobID,
            leaseEpoch: attempt.leaseEpoch,
            end: end,
            refunded: refunded
        )
        return try await client.query(FinishGenerations(worker: id ?? worker, results: [result]))[0].isAccepted
    }

    /// Moves the clock of all decisions forward; the worker stays alive unless it is to die.
    func pass(_ seconds: Double, keepingLease: Bool = true) async throws {
        try await run("UPDATE meshmill.clock_offset SET shift = shift + make_interval(secs => \(seconds))")
        if keepingLease { try await beat() }
    }

    func run(_ sql: String) async throws {
        _ = try await client.withConnection { try await $0.simpleQuery(sql) }
    }

    func text(_ sql: String) async throws -> String? {
        try await client.withConnection { try await $0.simpleQuery(sql).rows }.first?.first ?? nil
    }

    func number(_ sql: String) async throws -> Int {
        try await text(sql).flatMap { Int($0) } ?? -1
    }
}

extension AnswerEffect {
    /// What an accepted POST does.
    static let accepted = AnswerEffect(.generating, credit: .charge(1), job: .generating)
    /// What a 429 does that holds the key for a minute.
    static let limited = AnswerEffect(
        .refused,
        credit: .release,
        job: .queue,
        key: .hold(.seconds(60)),
        code: "X",
        message: "x"
    )
    /// What a refusal of the key does.
    static let unauthorized = AnswerEffect(
        .refused,
        credit: .release,
        job: .queue,
        key: .disable(.seconds(3_600), cap: .seconds(86_400)),
        verdict: .unauthorized,
        code: "unauthorized",
        message: "Invalid API key"
    )
    /// What a refusal of the image or the preset does.
    static let rejected = AnswerEffect(
        .refused,
        credit: .release,
        job: .fail,
        count: .own,
        verdict: .rejected,
        code: "IMAGE_VALIDATION_ERROR",
        message: "not an image"
    )
    /// What a 503 does that names its refund.
    static let unavailable = AnswerEffect(
        .refused,
        credit: .refund(1),
        job: .schedule(.seconds(30)),
        count: .provider,
        provider: .failed,
        verdict: .providerFailed,
        code: "BACKEND_ERROR",
        message: "503"
    )
    /// What a lost answer does.
    static let lost = AnswerEffect(
        .unknown,
        slot: .keep,
        credit: .doubt,
        job: .schedule(.seconds(900)),
        count: .unknown,
        key: .grace(.seconds(1)),
        code: "unknown_timed_out",
        message: "x"
    )
}
