import Foundation
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient
import TestDatabase

/// Plays scenarios of tenants that share keys, on the real claim and a real PostgreSQL whose clock is moved.
package struct Fairness {
    private static let window: Duration = .seconds(900)

    private let client: PostgresClient
    private let scenario: FairnessScenario
    private let workers: [UUID]
    private var meter: FairnessMeter

    /// Plays a scenario in a database of its own.
    ///
    /// - Throws: what the database does; `Unserved` if slots stayed empty while there was work.
    package static func play(_ scenario: FairnessScenario) async throws -> FairnessResult {
        let logger = Logger(label: "fairness") { _ in SwiftLogNoOpLogHandler() }
        return try await withTestDatabase(
            template: "fairness",
            prepare: { connectionString in
                let client = PostgresClient(
                    configuration: PostgresConfiguration(connectionString: connectionString),
                    logger: Logger(label: "fairness") { _ in SwiftLogNoOpLogHandler() }
                )
                _ = try await Migrator(client).migrate()
                await client.close()
            },
            { connectionString in
                var configuration = PostgresConfiguration(connectionString: connectionString)
                configuration.maximumConnections = scenario.claimers
                let client = PostgresClient(configuration: configuration, logger: logger)
                do {
                    var fairness = Fairness(scenario, client)
                    let result = try await fairness.play()
                    await client.close()
                    return result
                } catch {
                    await client.close()
                    throw error
                }
            }
        )
    }

    private init(_ scenario: FairnessScenario, _ client: PostgresClient) {
        self.scenario = scenario
        self.client = client
        workers = (0..<scenario.claimers).map { _ in UUID() }
        meter = FairnessMeter(scenario.tenants)
    }

    /// Slots were free and jobs waited, and yet nothing was claimed.
    package struct Unserved: Error, CustomStringConvertible {
        package let description: String
    }

    private mutating func play() async throws -> FairnessResult {
        try await prepare()
        for round in 0..<scenario.rounds {
            for event in scenario.events[round] ?? [] { try await happen(event) }
            try await claim(inRound: round)
            meter.compare()
            // By then the slots of this round, and no others, are free again.
            try await pass(Self.window + .seconds(1))
        }
        return FairnessResult(
            name: scenario.name,
            freeing: scenario.freeing,
            claimers: scenario.claimers,
            served: meter.served,
            error: meter.error,
            bound: scenario.bound
        )
    }

    /// Keys with one slot each, as many as come free at once, and the tenants with what they have from the start.
    private mutating func prepare() async throws {
        try await run(
            """
            INSERT INTO meshmill.orgs (name) VALUES ('org');
            WITH k AS (
                INSERT INTO meshmill.keys (name, org_id, pool_id, rate_limit, margin)
                SELECT 'key-' || i, (SELECT id FROM meshmill.orgs), 1, 1, '0'
                FROM generate_series(1, \(scenario.freeing)) AS i RETURNING id)
            INSERT INTO meshmill.slots (key_id, ordinal, free_at) SELECT k.id, 0, meshmill.clock() FROM k
            """
        )
        for (index, tenant) in scenario.tenants.enumerated() {
            try await run(
                """
                INSERT INTO meshmill.tenants (name, pool_id, weight) VALUES ('t\(index)', 1, \(tenant.weight));
                INSERT INTO meshmill.batches (tenant_id, out) SELECT id, '/t\(index)' FROM meshmill.tenants
                WHERE name = 't\(index)'
                """
            )
            try await submit(tenant.jobs, for: index)
        }
        try await pass(.zero)
    }

    private mutating func happen(_ event: FairnessScenario.Event) async throws {
        switch event {
        case .submits(let tenant, let jobs): try await submit(jobs, for: tenant)
        case .changesWeight(let tenant, let weight):
            try await run("SELECT ops.set_tenant_weight('t\(tenant)', \(weight))")
            meter.change(weight: weight, of: tenant)
        }
    }

    private mutating func submit(_ jobs: Int, for tenant: Int) async throws {
        let count = scenario.queued(jobs)
        guard count > 0 else { return }
        try await run(
            """
            INSERT INTO meshmill.jobs (batch_id, tenant_id, fingerprint, input_sha256, input_format, priority)
            SELECT b.id, b.tenant_id, gen_random_uuid(), '\\x00', 'png', \(scenario.tenants[tenant].priority)
            FROM meshmill.batches AS b, generate_series(1, \(count)) WHERE b.out = '/t\(tenant)'
            """
        )
        meter.submit(count, for: tenant)
    }

    /// All claimers claim until nothing is left of this round's slots.
    private mutating func claim(inRound round: Int) async throws {
        let share = (scenario.freeing + scenario.claimers - 1) / scenario.claimers
        var granted: [ClaimedAttempt] = []
        for _ in 0..<scenario.claimers {
            granted += try await withThrowingTaskGroup(of: [ClaimedAttempt].self) { group in
                for worker in workers { group.addTask { [client] in try await Self.claim(share, as: worker, client) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            if granted.count == scenario.freeing { break }
        }
        guard granted.count == min(scenario.freeing, granted.count + meter.waiting) else {
            throw Unserved(
                description: "\(scenario.name): round \(round) served \(granted.count) of \(scenario.freeing)"
            )
        }
        for attempt in granted { meter.serve(Int(attempt.batchID) - 1) }
        let accepted = AnswerEffect(.generating, credit: .charge(1), job: .generating)
        let answers = granted.map {
            AnswerRecord(attemptID: $0.attemptID, effect: accepted, generationID: "g\($0.attemptID)")
        }
        _ = try await client.query(SettleAnswers(worker: workers[0], answers: answers))
    }

    private static func claim(_ limit: Int, as worker: UUID, _ client: PostgresClient) async throws -> [ClaimedAttempt]
    {
        do {
            return try await client.query(
                ClaimJobs(
                    worker: worker,
                    limit: limit,
                    pool: nil,
                    batch: nil,
                    requestDeadline: .seconds(5),
                    grace: .seconds(1),
                    probe: false
                )
            )
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            return []
        }
    }

    /// Moves the clock of all decisions forward; the workers stay alive.
    private func pass(_ time: Duration) async throws {
        try await run("UPDATE meshmill.clock_offset SET shift = shift + make_interval(secs => \(time / .seconds(1)))")
        for worker in workers {
            _ = try await client.query(Heartbeat(worker: worker, name: "fair", version: "0", lease: .seconds(300)))
        }
    }

    private func run(_ sql: String) async throws {
        _ = try await client.withConnection { try await $0.simpleQuery(sql) }
    }
}
