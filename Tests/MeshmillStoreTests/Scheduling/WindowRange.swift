import AmaraSimulator
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Keys with 5 POSTs in 15 minutes, each against a simulated server of its own, and one worker that never runs out of
/// jobs; time passes only where nothing is due.
struct WindowRange {
    private struct Sent {
        let attempt: ClaimedAttempt
        /// When the answer comes.
        let answeredAt: Duration
        /// `nil`: accepted.
        let refusal: WindowStanding?
    }

    static let window: Duration = .seconds(900)

    private let yard: Yard
    private let start: PostgresTimestamp
    private var servers: [Int64: any RateWindow] = [:]
    private var sent: [Sent] = []
    private var random: SeededGenerator

    /// POSTs that were let through, by key.
    private(set) var accepted: [Int64: Int] = [:]
    /// POSTs that were not, by key.
    private(set) var refused: [Int64: Int] = [:]

    var refusals: Int { refused.values.reduce(0, +) }

    init(_ yard: Yard, servers models: [WindowModel], setting: String = "", seed: UInt64 = 7) async throws {
        self.yard = yard
        try await yard.addKeys(models.count, setting: "margin = '3 s'\(setting.isEmpty ? "" : ", " + setting)")
        try await yard.addJobs(3_000)
        random = SeededGenerator(seed: seed)
        start = try await yard.client.query(ReadClock())[0]
        let keys = try await yard.client.withConnection {
            try await $0.simpleQuery("SELECT id FROM meshmill.keys ORDER BY id").rows.compactMap {
                $0[0].flatMap { Int64($0) }
            }
        }
        for (key, model) in zip(keys, models) {
            let phase = Duration.milliseconds(Int.random(in: 0..<900_000, using: &random))
            servers[key] = model.makeWindow(limit: 5, window: Self.window, phase: phase)
            (accepted[key], refused[key]) = (0, 0)
        }
    }

    /// Works for so many windows.
    ///
    /// - Parameters:
    ///   - windows: how many.
    ///   - step: called after each claim.
    /// - Throws: what the database or `step` throws.
    mutating func pass(windows: Int, step: () async throws -> Void = {}) async throws {
        let end = try await now() + Self.window * windows
        while true {
            let now = try await now()
            guard now < end else { return }
            try await answer(until: now)
            for attempt in try await yard.claim(50) { try await send(attempt, at: now) }
            try await step()
            let next = try await yard.client.query(NextWake(pool: nil, batch: nil, since: .zero)).first?.slotIn
            let soonest = min(sent.map(\.answeredAt).min() ?? end, next.map { now + max($0, .zero) } ?? end)
            // In steps of at least a second, so that answers are recorded together.
            try await yard.pass(max(soonest - now, .seconds(1)) / .seconds(1), keepingLease: false)
            try await yard.beat()
        }
    }

    private func now() async throws -> Duration {
        start.duration(to: try await yard.client.query(ReadClock())[0]) ?? .zero
    }

    private mutating func send(_ attempt: ClaimedAttempt, at now: Duration) async throws {
        let countedAt = now + .milliseconds(Int.random(in: 50...1_500, using: &random))
        let answeredAt = countedAt + .milliseconds(Int.random(in: 50...3_000, using: &random))
        guard var server = servers[attempt.keyID] else { return }
        let standing = server.standing(at: countedAt)
        let isRefused = !standing.allows
        if isRefused { server.refuse(at: countedAt) } else { server.count(at: countedAt) }
        servers[attempt.keyID] = server
        sent.append(Sent(attempt: attempt, answeredAt: answeredAt, refusal: isRefused ? standing : nil))
    }

    private mutating func answer(until now: Duration) async throws {
        let due = sent.filter { $0.answeredAt <= now }
        sent.removeAll { $0.answeredAt <= now }
        let taken = due.filter { $0.refusal == nil }.map(\.attempt)
        if !taken.isEmpty { try await yard.settle(taken, .accepted) }
        for attempt in taken { accepted[attempt.keyID, default: 0] += 1 }
        for item in due {
            guard let refusal = item.refusal else { continue }
            refused[item.attempt.keyID, default: 0] += 1
            // As servers do, in whole seconds, rounded up.
            let wait = (refusal.retryAfter / .seconds(1)).rounded(.up)
            try await yard.refuse(
                item.attempt,
                StatedRateLimit(limit: 5, used: refusal.used, remaining: 0, retryAfter: wait)
            )
        }
    }
}
