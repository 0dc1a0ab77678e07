import MeshmillCore
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// Reads what `top` shows.
struct TopObserver {
    /// Keys and batches that are read at most; what `top` shows of more is said by `status`.
    private static let mostKeys = 10_000
    private static let mostBatches = 200
    /// A forecast is played anew after so long, and only over so much.
    private static let forecastAge: Duration = .seconds(15)
    private static let mostForecastJobs = 200_000

    private let client: PostgresClient
    private var forecast: [Int64: ForecastResult.Batch] = [:]
    private var forecastAt: ContinuousClock.Instant?

    init(_ client: PostgresClient) {
        self.client = client
    }

    /// One look: a handful of statements, each bounded.
    ///
    /// - Throws: `PostgresError`; `CancellationError`.
    mutating func look() async throws -> TopSnapshot {
        var snapshot = TopSnapshot()
        let now = try await client.query(ReadClock()).first ?? .negativeInfinity
        snapshot.isSubmitting = try await client.query(ReadInstallation()).first?.isSubmitting ?? true
        if let breaker = try await client.query(ReadBreaker()).first, breaker.isOpen {
            let probe = breaker.probeAt.map { ", next probe \($0.ahead(of: now))" } ?? ""
            snapshot.breaker = OneLine.text((breaker.reason ?? "the provider fails") + probe)
        }
        snapshot.windowModel = try await client.query(ReadWindowModel()).first?.model ?? snapshot.windowModel
        snapshot.jobs = try await client.query(CountJobs()).filter { $0.jobs > 0 }
            .map { ($0.status, Int($0.jobs), $0.isCapped) }
        let strips = Dictionary(
            uniqueKeysWithValues: try await client.query(ListSlotStrips(limit: Self.mostKeys)).map {
                ($0.key, $0.freeIn)
            }
        )
        snapshot.keys = try await client.query(ListKeys(limit: Self.mostKeys)).map { Self.key($0, strips, now) }
        try await refreshForecast()
        let batches = try await client.query(ListBatches(includesFinished: false, limit: Self.mostBatches))
        snapshot.batches = batches.map(batch)
        snapshot.tenants = try await client.query(ListTenants()).map(Self.tenant)
        snapshot.workers = try await client.query(ListWorkers()).map { Self.worker($0, now) }
        snapshot.errors = try await client.query(ListTroubles(batchIDs: batches.map(\.id))).map(Self.trouble)
        return snapshot
    }

    private mutating func refreshForecast() async throws {
        if let forecastAt, ContinuousClock.now - forecastAt < Self.forecastAge { return }
        let situation = try await ForecastSituation(client, mostJobs: Self.mostForecastJobs)
        let isSmall = situation.batches.reduce(0) { $0 + $1.waiting } < Self.mostForecastJobs
        let result = isSmall ? try Forecast.run(situation.input) : nil
        forecast = Dictionary(uniqueKeysWithValues: zip(situation.batches.map(\.id), result?.batches ?? []))
        forecastAt = .now
    }
}

extension TopObserver {
    private static func key(
        _ key: KeyOverview,
        _ strips: [String: [Double]],
        _ now: PostgresTimestamp
    ) -> TopSnapshot.Key {
        TopSnapshot.Key(
            name: OneLine.text(key.name),
            status: key.status,
            reason: key.reason.map(OneLine.text),
            slots: strips[key.name, default: []].map { .seconds($0) },
            isSubmitting: key.submitting > 0,
            generating: key.generating,
            nextIn: max(now.duration(to: key.nextPostAt) ?? .zero, .zero),
            monthUsed: Int(key.monthlyUsed),
            monthLimit: key.monthlyLimit.map(Int.init),
            posts: Int(key.posts)
        )
    }

    private func batch(_ batch: BatchOverview) -> TopSnapshot.Batch {
        func count(_ statuses: String...) -> Int {
            batch.counts.filter { statuses.contains($0.status) }.reduce(0) { $0 + Int($1.jobs) }
        }
        let fate = forecast[batch.id]
        return TopSnapshot.Batch(
            id: Int(batch.id),
            status: batch.status,
            tenant: OneLine.text(batch.tenant),
            out: OneLine.text(batch.out),
            done: count("completed"),
            failed: count("failed", "held"),
            running: count("submitting", "generating", "downloading"),
            waiting: count("queued", "scheduled"),
            endsIn: fate?.endsIn,
            binding: fate?.binding.cause ?? ""
        )
    }

    private static func tenant(_ tenant: ListTenants.Row) -> TopSnapshot.Tenant {
        TopSnapshot.Tenant(
            name: OneLine.text(tenant.name),
            status: tenant.status,
            weight: tenant.weight,
            queued: Int(tenant.queued),
            inFlight: Int(tenant.inFlight),
            monthUsed: Int(tenant.monthlyUsed),
            budget: tenant.monthlyBudget.map(Int.init)
        )
    }

    private static func worker(_ worker: ListWorkers.Row, _ now: PostgresTimestamp) -> TopSnapshot.Worker {
        TopSnapshot.Worker(
            name: OneLine.text(worker.name),
            status: worker.status,
            jobs: Int(worker.jobs),
            age: worker.startedAt.duration(to: now) ?? .zero,
            leaseLeft: now.duration(to: worker.leaseUntil) ?? .zero
        )
    }

    private static func trouble(_ trouble: ListTroubles.Row) -> TopSnapshot.Trouble {
        TopSnapshot.Trouble(
            jobID: Int(trouble.jobID),
            status: trouble.status,
            code: OneLine.text(trouble.code ?? ""),
            text: OneLine.text(trouble.error ?? ""),
            source: OneLine.text(trouble.source ?? "")
        )
    }
}
