import AmaraAPI
import AmaraSimulator
import Foundation
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient
import Synchronization
import Testing

/// What one worker leaves when it dies, and what the next one makes of it.
@Suite("Workers that died, and their heirs", .timeLimit(.minutes(3)))
struct DeadWorkerTests {
    private func provider(generation: Duration = .milliseconds(100)) -> ProviderConfiguration {
        var provider = ProviderConfiguration(keyCount: 2, orgs: 1, limit: 5, window: .seconds(3), seed: 23)
        provider.times = ProcessingTimes(all: generation...generation)
        return provider
    }

    @Test("FAULTS 2, 3: a dead worker's POST that may have left is in doubt, and tried again as that")
    func unknown() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<1)
            try await mill.submit()
            // It claimed, and nobody knows what it sent.
            let dead = UUID()
            _ = try await mill.client.query(
                Heartbeat(worker: dead, name: "dead", version: "0", lease: .seconds(3))
            )
            let claim = try await mill.client.query(
                ClaimJobs(
                    worker: dead,
                    limit: 1,
                    pool: nil,
                    batch: nil,
                    requestDeadline: .milliseconds(500),
                    grace: .milliseconds(500),
                    probe: false
                )
            )
            #expect(claim.count == 1)
            try await mill.client.execute(HandOver(worker: dead))
            try await mill.work(1) { try await $0.counts()[.completed] == 1 }
            let attempts = try await mill.text(
                "SELECT string_agg(state || ' ' || coalesce(error_code, ''), ', ' ORDER BY id) FROM meshmill.attempts"
            )
            #expect(attempts == "unknown unknown_worker_lost, completed ")
            #expect(mill.simulator.report().posts == 1)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 4, LESSONS 3, 4: a generation whose id is known is polled on within a lease, without a POST")
    func heir() async throws {
        try await Mill.with(provider(generation: .seconds(6))) { mill in
            try mill.paint(0..<4)
            try await mill.submit()
            try await mill.withWorker("killed") { _ in
                try await mill.wait { try await mill.counts()[.generating] == 4 }
            }
            // Nobody hands over for a process that is killed: its lease runs out.
            try await mill.withWorker("heir") { stop in
                let owners = "SELECT count(DISTINCT worker_id) FROM meshmill.jobs AS j WHERE lease_epoch > 1"
                let began = ContinuousClock.now
                try await mill.wait { try await mill.number(owners) == 1 }
                #expect(began.duration(to: .now) < mill.settings.lease + .seconds(5))
                try await mill.wait { try await mill.counts()[.completed] == 4 }
                stop.stop()
            }
            #expect(mill.simulator.report().posts == 4)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("a claim that comes to its POST after the fence is not sent, and costs nothing")
    func lateClaim() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<1)
            try await mill.submit()
            mill.tokens = SlowTokens(
                secrets: KeySecrets(mill.client, masterKey: mill.masterKey),
                firstTakes: WorkerSettings.sendFence + .milliseconds(200)
            )
            try await mill.work(1) { try await $0.counts()[.completed] == 1 }
            let first = try await mill.text(
                "SELECT state || ' ' || error_code || ' ' || credits FROM meshmill.attempts ORDER BY id LIMIT 1"
            )
            #expect(first == "unsent fence_passed 0")
            #expect(mill.simulator.report().posts == 1)
            #expect(try await mill.violations() == [])
        }
    }
}

/// Secrets of which the first one takes its time.
private final class SlowTokens: TokenSource {
    private let tokens: Tokens
    private let firstTakes: Duration
    private let isFirst = Mutex(true)

    init(secrets: KeySecrets, firstTakes: Duration) {
        tokens = Tokens(secrets: secrets)
        self.firstTakes = firstTakes
    }

    func token(ofKey keyID: Int64) async throws -> BearerToken {
        let isSlow = isFirst.withLock { isFirst in
            defer { isFirst = false }
            return isFirst
        }
        if isSlow { try await Task.sleep(for: firstTakes) }
        return try await tokens.token(ofKey: keyID)
    }
}
