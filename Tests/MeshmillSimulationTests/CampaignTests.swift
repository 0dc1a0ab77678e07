import MeshmillSimulation
import Testing

struct CampaignTests {
    @Test("three hundred seeds of every fault violate nothing", .timeLimit(.minutes(5)))
    func seeds() async throws {
        let report = try await Campaign(seeds: 300, hasLadders: false, databases: 2).run()
        #expect(report.violations.isEmpty, "\(report.text)")
        #expect(report.missingFaults.isEmpty)
        #expect(report.rateLimited == report.explained + report.learned)
        #expect(report.fewestSteps >= 200)
        #expect(report.utilisation.keys.contains("slots") && report.utilisation.keys.contains("paced"))
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
}
