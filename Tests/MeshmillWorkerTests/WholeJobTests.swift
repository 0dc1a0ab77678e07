import AmaraSimulator
import Foundation
import Media
import MeshmillCore
import MeshmillSubmission
import Testing

@Suite("The whole job", .timeLimit(.minutes(3)))
struct WholeJobTests {
    private func provider(keys: Int, window: Duration = .seconds(2)) -> ProviderConfiguration {
        var provider = ProviderConfiguration(keyCount: keys, orgs: 2, limit: 5, window: window, seed: 7)
        provider.times = ProcessingTimes(all: .milliseconds(100) ... .milliseconds(400))
        return provider
    }

    @Test("three workers bring every GLB home once, without a 429 and with every key used alike")
    func threeWorkers() async throws {
        try await Mill.with(provider(keys: 4)) { mill in
            try mill.paint(0..<40)
            let (_, report) = try await mill.submit()
            #expect(report.submitted == 40)
            try await mill.work(3) { try await $0.counts()[.completed] == 40 }

            let judged = mill.simulator.report()
            #expect(judged.accepted == 40)
            #expect(judged.rateLimited == 0)
            #expect(judged.duplicates == 0)
            #expect(judged.neverDownloaded == 0)
            #expect(judged.keys.allSatisfy { $0.mostInOneWindow <= 5 })
            let posts = judged.keys.map(\.posts)
            #expect((posts.max() ?? 0) - (posts.min() ?? 0) <= 5)
            for number in 0..<40 {
                let mesh = mill.meshes.appending(path: "picture \(number).glb")
                _ = try await GLB.verify(path: mesh.path)
                #expect(
                    FileManager.default.fileExists(atPath: mill.meshes.appending(path: "picture \(number).json").path)
                )
            }
            #expect(try await mill.number("SELECT count(*) FROM meshmill.ledger WHERE kind = 'charge'") == 40)
            #expect(try await mill.number("SELECT sum(reserved) FROM meshmill.keys") == 0)
            #expect(try await mill.number("SELECT sum(monthly_used) FROM meshmill.keys") == 40)

            let again = try await mill.submit()
            #expect(again.report.submitted == 0)
            #expect(again.report.existing == 40)
        }
    }

    @Test("a bad day of 503s and failed generations costs time, never a job or a credit")
    func badDay() async throws {
        var provider = provider(keys: 4)
        provider.faults.backendErrorRate = 0.15
        provider.faults.generationFailureRate = 0.1
        try await Mill.with(provider) { mill in
            try mill.paint(0..<20)
            try await mill.submit()
            try await mill.work(2) { mill in
                let counts = try await mill.counts()
                return counts[.completed, default: 0] + counts[.failed, default: 0] == 20
            }
            let judged = mill.simulator.report()
            #expect(judged.rateLimited == 0)
            #expect(try await mill.counts()[.completed, default: 0] >= 18)
            let used = try await mill.number("SELECT sum(monthly_used) FROM meshmill.keys")
            #expect(used == (try await mill.number("SELECT count(*) FROM meshmill.jobs WHERE state = 'completed'")))
        }
    }
}
