import AmaraSimulator
import Foundation
import Media
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient
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
        provider.faults.truncatedFileRate = 0.2
        provider.faults.shortFileRate = 0.1
        provider.faults.corruptFileRate = 0.1
        provider.faults.htmlFileRate = 0.1
        try await Mill.with(provider) { mill in
            try mill.paint(0..<10)
            try await mill.submit()
            try await mill.work(1) { try await $0.counts()[.completed] == 10 }
            for number in 0..<10 {
                _ = try await GLB.verify(path: mill.meshes.appending(path: "picture \(number).glb").path)
            }
            #expect(mill.simulator.report().posts == 10)
        }
    }

    @Test("the switch stops every POST within two seconds; polls and downloads go on")
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
