import AmaraSimulator
import Logging
import Testing

@Suite("Start and stop")
struct StartAndStopTests {
    private struct Abort: Error {}

    @Test("an error of the body stops the simulator and comes out")
    func bodyFails() async throws {
        await #expect(throws: Abort.self) {
            try await withSimulator { _ in throw Abort() }
        }
    }

    @Test("after the stop nobody answers at the address")
    func stops() async throws {
        let browser = try await withSimulator { Browser($0) }
        await #expect(throws: (any Error).self) { try await browser.status("nothing", key: nil) }
    }

    @Test("a taken port is an error, and nobody waits for it")
    func portTaken() async throws {
        try await withSimulator { first in
            let port = try #require(first.baseURL.split(separator: ":").last?.split(separator: "/").first)
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let configuration = SimulatorConfiguration(port: try #require(Int(port)))
            let second = try Simulator(configuration, logger: logger)
            await #expect(throws: (any Error).self) { try await second.run() }
            #expect(await second.waitUntilListening() == nil)
        }
    }

    @Test("a simulator that cannot work is refused before it listens")
    func invalid() async {
        let configuration = SimulatorConfiguration(provider: ProviderConfiguration(keyCount: 0))
        await #expect(throws: ConfigurationProblem.self) { try await withSimulator(configuration) { _ in } }
    }

    @Test("slow answers under way arrive before the stop")
    func graceful() async throws {
        var provider = ProviderConfiguration(keyCount: 1)
        provider.faults.answerLatency = .milliseconds(300) ... .milliseconds(300)
        let configuration = SimulatorConfiguration(provider: provider)
        let key = provider.keys[0].secret
        let answer = try await withSimulator(configuration) { simulator in
            let browser = Browser(simulator)
            let answer = Task { try await browser.post(["image": Samples.png], key: key).status }
            while simulator.log.total == 0 { try await Task.sleep(for: .milliseconds(1)) }
            return answer
        }
        #expect(try await answer.value == 200)
    }
}
