import AmaraSimulator
import Foundation
import Testing

@Suite("Under load")
struct LoadTests {
    @Test("two thousand generations are held and polled by many clients at once")
    func manyInFlight() async throws {
        var provider = ProviderConfiguration(keyCount: 4, limit: 1_000)
        provider.times = ProcessingTimes(all: .seconds(3_600) ... .seconds(3_600))
        let settings = SimulatorConfiguration(provider: provider)
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let ids = simulator.withProvider { provider, now in
                (0..<2_000).compactMap { number in
                    let secret = settings.provider.keys[number % 4].secret
                    let request = Samples.request(number)
                    return provider.create(secret: secret, request: .success(request), at: now).record.generationID
                }
            }
            #expect(ids.count == 2_000)
            let seen = try await withThrowingTaskGroup(of: [Int].self) { tasks in
                for client in 0..<8 {
                    tasks.addTask {
                        var positions: [Int] = []
                        for number in stride(from: client, to: 2_000, by: 40) {
                            let key = settings.provider.keys[number % 4].secret
                            let page = try await browser.status(ids[number], key: key)
                            positions.append(try #require(page.object["queue_position"] as? Int))
                        }
                        return positions
                    }
                }
                return try await tasks.reduce(into: 0) { $0 += $1.count }
            }
            #expect(seen == 400)
            #expect(simulator.log.total == 400)
        }
    }

    @Test("concurrent POSTs of one key never pass its limit")
    func concurrentPosts() async throws {
        let settings = SimulatorConfiguration(provider: ProviderConfiguration(keyCount: 1, limit: 5))
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let key = settings.provider.keys[0].secret
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for seed in 0..<20 {
                    tasks.addTask { try await browser.post(["image": Samples.png, "seed": seed], key: key).status }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 5)
            #expect(simulator.report().keys.first?.mostInOneWindow == 5)
        }
    }
}
