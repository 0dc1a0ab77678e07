import AmaraSimulator
import Foundation
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient
import Testing

@Suite("While the database is away", .timeLimit(.minutes(3)))
struct OutageTests {
    private func provider(generation: Duration, lifetime: Duration) -> ProviderConfiguration {
        var provider = ProviderConfiguration(keyCount: 6, orgs: 2, limit: 5, window: .seconds(2), seed: 7)
        provider.times = ProcessingTimes(all: generation...generation)
        provider.fileLifetime = lifetime
        return provider
    }

    @Test("FAULTS 9, 10: generations that complete meanwhile are fetched before they expire, and recorded afterwards")
    func completedMeanwhile() async throws {
        try await Mill.withOwnServer(provider(generation: .seconds(3), lifetime: .seconds(8))) { mill, server in
            try mill.paint(0..<6)
            try await mill.submit()
            try await mill.withWorker("patient") { stop in
                try await mill.wait { try await mill.counts()[.generating] == 6 }
                try await server.stop()
                try await mill.wait { mill.spooled("mesh-").count == 6 }
                // Longer than the provider keeps them.
                try await Task.sleep(for: .seconds(9))
                try await server.start()
                try await mill.wait { (try? await mill.counts()[.completed]) == 6 }
                stop.stop()
            }
            let judged = mill.simulator.report()
            #expect(judged.posts == 6 && judged.rateLimited == 0 && judged.neverDownloaded == 0)
            #expect(mill.spooled("mesh-").isEmpty && mill.spooled("answer-").isEmpty)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 10: answers that could not be recorded are read from the spool by the next process")
    func answersMeanwhile() async throws {
        var provider = provider(generation: .seconds(1), lifetime: .seconds(3_600))
        provider.faults.answerLatency = .seconds(2) ... .seconds(2)
        try await Mill.withOwnServer(provider) { mill, server in
            try mill.paint(0..<6)
            try await mill.submit()
            try await mill.withWorker("killed") { _ in
                // Claimed is not sent yet: the key's secret is read in between.
                try await mill.wait { mill.simulator.report().posts == 6 }
                try await server.stop()
                try await mill.wait { mill.spooled("answer-").count == 6 && mill.spooled("mesh-").count == 6 }
            }
            try await server.start()
            try await mill.withWorker("heir") { stop in
                try await mill.wait { (try? await mill.counts()[.completed]) == 6 }
                stop.stop()
            }
            let judged = mill.simulator.report()
            #expect(judged.posts == 6 && judged.duplicates == 0)
            #expect(judged.deliveries == 6, "the heir fetched nothing again")
            #expect(try await mill.number("SELECT count(*) FROM meshmill.attempts WHERE state = 'unknown'") == 0)
            #expect(mill.spooled("mesh-").isEmpty && mill.spooled("answer-").isEmpty)
            #expect(try await mill.violations() == [])
        }
    }

    @Test("FAULTS 6, 9: an orderly stop ends although the database is away, and loses nothing")
    func stoppedMeanwhile() async throws {
        var provider = provider(generation: .seconds(1), lifetime: .seconds(3_600))
        provider.faults.answerLatency = .seconds(2) ... .seconds(2)
        try await Mill.withOwnServer(provider) { mill, server in
            mill.settings.requestDeadline = .seconds(3)
            try mill.paint(0..<3)
            try await mill.submit()
            try await mill.withWorker("stopped") { stop in
                try await mill.wait { mill.simulator.report().posts == 3 }
                try await server.stop()
                stop.stop()
            }
            #expect(mill.spooled("answer-").count == 3)
            try await server.start()
            // Late enough that the POSTs of a dead worker would count as lost.
            let answerable = "SELECT count(*) FROM meshmill.attempts WHERE counted_by > meshmill.clock()"
            try await mill.wait { (try? await mill.number(answerable)) == 0 }
            try await mill.withWorker("heir") { stop in
                try await mill.wait { (try? await mill.counts()[.completed]) == 3 }
                stop.stop()
            }
            #expect(mill.simulator.report().posts == 3)
            #expect(try await mill.violations() == [])
        }
    }
}
