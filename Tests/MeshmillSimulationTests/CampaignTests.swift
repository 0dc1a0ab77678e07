import Foundation
import MeshmillSimulation
import Synchronization
import Testing

struct CampaignTests {
    @Test("three hundred seeds of every fault violate nothing", .timeLimit(.minutes(5)))
    func seeds() async throws {
        let report = try await Campaign(seeds: 300, hasLadders: false, databases: 2).run()
        #expect(report.violations.isEmpty, "\(report.text)")
        #expect(report.gaps.isEmpty)
        #expect(report.rateLimited == report.explained + report.learned)
        #expect(report.utilisation.values.allSatisfy { $0 >= 0.99 })
    }

    @Test("a seed repeats exactly")
    func repetition() async throws {
        let first = try await Simulation.run(seed: 5, kind: .stormy)
        let second = try await Simulation.run(seed: 5, kind: .stormy)
        #expect(first.steps == second.steps)
        #expect(first.virtualSeconds == second.virtualSeconds)
        #expect(first.faults == second.faults)
    }

    @Test("an interrupted campaign goes on after what its journal has, and reports all of it")
    func journal() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID())").path(
            percentEncoded: false
        )
        defer { try? FileManager.default.removeItem(atPath: path) }
        func run(_ seeds: Int) async throws -> (report: CampaignReport, played: Set<UInt64>) {
            let played = Mutex<Set<UInt64>>([])
            let journal = try CampaignJournal(path: path, server: "of this test")
            let report = try await Campaign(first: 101, seeds: seeds, databases: 1).run(journal: journal) { _, result in
                played.withLock { _ = $0.insert(result.seed) }
            }
            return (report, played.withLock(\.self))
        }
        let first = try await run(3)
        #expect(first.played == [101, 102, 103])

        // Its process died in the middle of the last line.
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes.removeLast(20)
        try bytes.write(to: URL(filePath: path))
        let second = try await run(4)
        #expect(second.played == [103, 104])
        #expect(second.report.seeds == 4)
        let whole = try await Campaign(first: 101, seeds: 4, databases: 1).run()
        #expect(second.report.steps == whole.steps && second.report.faults == whole.faults)
        #expect(try await run(2).report.seeds == 2, "of what it has, only what is asked for")

        let ofAnotherServer = try CampaignJournal(path: path, server: "another")
        #expect(ofAnotherServer.done.isEmpty)
    }
}
