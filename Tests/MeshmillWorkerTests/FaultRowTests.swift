import AmaraSimulator
import Foundation
import Media
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient
import TestDatabase
import Testing

/// Faults of the provider and of people, with a whole worker: the number is the row in the list of faults.
@Suite("Faults with a whole worker", .timeLimit(.minutes(3)))
struct FaultRowTests {
    private func provider(keys: Int, window: Duration = .seconds(3)) -> ProviderConfiguration {
        var provider = ProviderConfiguration(keyCount: keys, orgs: 2, limit: 5, window: window, seed: 11)
        provider.times = ProcessingTimes(all: .milliseconds(100) ... .milliseconds(300))
        return provider
    }

    @Test("FAULTS 20: an outage of the whole backend costs a handful of probes, and no job")
    func outage() async throws {
        var provider = provider(keys: 12)
        provider.faults.backendErrorRate = 1
        try await Mill.with(provider) { mill in
            try mill.paint(0..<30)
            try await mill.submit()
            try await mill.withWorker("patient") { stop in
                try await mill.wait { try await mill.number("SELECT opened_times FROM meshmill.breaker") >= 4 }
                let spent = mill.simulator.report().posts
                let story = spent <= 20 ? "" : try await mill.attempts()
                #expect(spent <= 12 + 8, "one burst and the probes, of 60 slots a window\(story)")
                #expect(try await mill.number("SELECT count(*) FROM meshmill.keys WHERE state <> 'active'") == 0)
                mill.simulator.setFaults(FaultSettings())
                try await mill.wait { try await mill.counts()[.completed] == 30 }
                stop.stop()
            }
            #expect(mill.simulator.report().rateLimited == 0)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 22: HTML and broken JSON with 200 are typed errors; on a POST the attempt is unknown")
    func nonsense() async throws {
        var provider = provider(keys: 4)
        provider.faults.htmlRate = 1
        provider.faults.budget = 2
        try await Mill.with(provider) { mill in
            try mill.paint(0..<6)
            try await mill.submit()
            try await mill.work(1) { try await $0.counts()[.completed] == 6 }
            let unknown = try await mill.number("SELECT count(*) FROM meshmill.attempts WHERE state = 'unknown'")
            #expect(unknown == mill.simulator.report().posts - 6)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 25: short, truncated, damaged and foreign files are fetched again and never published")
    func badFiles() async throws {
        var provider = provider(keys: 4)
        provider.faults.truncatedFileRate = 0.1
        provider.faults.shortFileRate = 0.4
        provider.faults.corruptFileRate = 0.1
        provider.faults.htmlFileRate = 0.1
        try await Mill.with(provider) { mill in
            try mill.paint(0..<10)
            try await mill.submit()
            try await mill.work(1) { try await $0.counts()[.completed] == 10 }
            for number in 0..<10 {
                let mesh = mill.meshes.appending(path: "picture \(number).glb")
                _ = try await GLB.verify(path: mesh.path)
                // And not by the program's own look alone, which may be what is wrong.
                let bytes = [UInt8](try Data(contentsOf: mesh))
                #expect(bytes.count == bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) })
            }
            #expect(mill.simulator.report().posts == 10)
        }
    }

    @Test("FAULTS 21: a generation that never ends is polled on, pointed out, and given up at its limit")
    func endless() async throws {
        var provider = provider(keys: 1)
        provider.times = ProcessingTimes(all: .seconds(3_600) ... .seconds(3_600))
        try await Mill.with(provider) { mill in
            let log = CollectedLog()
            mill.logger = log.logger
            mill.settings.pollInterval = .milliseconds(200)
            mill.settings.slowGeneration = .seconds(1)
            mill.settings.generationLimit = .seconds(3)
            try mill.paint(0..<1)
            let batch = try await mill.submit().batchID
            _ = try await mill.number("UPDATE meshmill.batches SET max_attempts = 1 WHERE id = \(batch) RETURNING 1")
            try await mill.work(1) { try await $0.counts()[.failed] == 1 }
            #expect(try await mill.text("SELECT error_code FROM meshmill.jobs") == "timed_out")
            #expect(log.warnings.filter { $0.contains("polled on") }.count == 1)
            let judged = mill.simulator.report()
            #expect(judged.posts == 1 && judged.requests >= 4, "it was polled, and not sent again")
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 31: a key that is removed sends nothing more, and brings home what it has under way")
    func removedKey() async throws {
        var provider = provider(keys: 2)
        provider.times = ProcessingTimes(all: .seconds(2) ... .seconds(2))
        try await Mill.with(provider) { mill in
            try mill.paint(0..<10)
            try await mill.submit()
            try await mill.withWorker("patient") { stop in
                let underWay = "SELECT count(*) FROM meshmill.attempts WHERE key_id = 1 AND state = 'generating'"
                try await mill.wait { try await mill.number(underWay) > 0 }
                _ = try await mill.client.query(RemoveKey(name: "sim-1"))
                let sent = try await mill.number("SELECT max(id) FROM meshmill.attempts")
                try await mill.wait { try await mill.counts()[.completed] == 10 }
                let later = "SELECT count(*) FROM meshmill.attempts WHERE key_id = 1 AND id > \(sent)"
                #expect(try await mill.number(later) == 0)
                stop.stop()
            }
            #expect(mill.simulator.report().duplicates == 0)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 32: a secret that cannot be opened costs nothing, and the job says which master key it needs")
    func wrongMasterKey() async throws {
        try await Mill.with(provider(keys: 1)) { mill in
            try mill.paint(0..<1)
            try await mill.submit()
            mill.tokens = Tokens(secrets: KeySecrets(mill.client, masterKey: MasterKey()))
            try await mill.withWorker("stranger") { stop in
                let told = "SELECT count(*) FROM meshmill.jobs WHERE error_code = 'secret'"
                try await mill.wait { try await mill.number(told) == 1 }
                stop.stop()
            }
            #expect(try await mill.text("SELECT error FROM meshmill.jobs").contains(mill.masterKey.id))
            let states = "SELECT string_agg(DISTINCT state || ' ' || credits, ', ') FROM meshmill.attempts"
            #expect(try await mill.text(states) == "unsent 0")
            mill.tokens = nil
            try await mill.work(1) { try await $0.counts()[.completed] == 1 }
            #expect(mill.simulator.report().posts == 1)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 34: fifty workers that start at once keep every limit and do not get in each other's way")
    func fiftyAtOnce() async throws {
        try await Mill.with(provider(keys: 4, window: .seconds(4))) { mill in
            try mill.paint(0..<40)
            try await mill.submit()
            try await mill.work(50) { try await $0.counts()[.completed] == 40 }
            let judged = mill.simulator.report()
            #expect(judged.posts == 40 && judged.rateLimited == 0 && judged.duplicates == 0)
            let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            #expect(try await mill.number(deadlocks) == 0)
            // On a machine that is busy a claim may come to its POST too late, which costs nothing.
            let others = "SELECT count(*) FROM meshmill.attempts WHERE state NOT IN ('completed', 'unsent')"
            #expect(try await mill.number(others) == 0)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("THREAT 14: the switch stops every POST within two seconds; polls and downloads go on")
    func theSwitch() async throws {
        try await Mill.with(provider(keys: 2)) { mill in
            try mill.paint(0..<25)
            try await mill.submit()
            try await mill.withWorker("switched") { stop in
                try await mill.wait { mill.simulator.report().posts >= 5 }
                _ = try await mill.client.query(SetSubmitting(false, reason: "test"))
                try await Task.sleep(for: .seconds(2))
                let posts = mill.simulator.report().posts
                try await Task.sleep(for: .seconds(4))
                #expect(mill.simulator.report().posts == posts)
                try await mill.wait { try await mill.counts()[.completed] == posts }
                _ = try await mill.client.query(SetSubmitting(true, reason: nil))
                try await mill.wait { mill.simulator.report().posts > posts }
                stop.stop()
            }
        }
    }

    @Test("FAULTS 6: an orderly stop lets POSTs be answered and hands generations over at once")
    func stop() async throws {
        var provider = provider(keys: 4)
        provider.times = ProcessingTimes(all: .seconds(3) ... .seconds(3))
        try await Mill.with(provider) { mill in
            mill.settings.lease = .seconds(60)
            try mill.paint(0..<8)
            try await mill.submit()
            try await mill.withWorker("first") { stop in
                try await mill.wait { try await mill.counts()[.generating, default: 0] >= 4 }
                stop.stop()
            }
            #expect(try await mill.counts()[.submitting] == nil)
            // A lease of a minute would keep an heir waiting, had it not been ended.
            let began = ContinuousClock.now
            try await mill.work(1) { try await $0.counts()[.completed] == 8 }
            #expect(began.duration(to: .now) < .seconds(40))
            #expect(mill.simulator.report().posts == 8)
        }
    }
}
