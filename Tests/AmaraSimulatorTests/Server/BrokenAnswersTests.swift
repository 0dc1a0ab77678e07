import AmaraSimulator
import AsyncHTTPClient
import Foundation
import Testing

@Suite("Broken answers over HTTP")
struct BrokenAnswersTests {
    private func configuration() -> SimulatorConfiguration {
        var provider = ProviderConfiguration(keyCount: 1, limit: 100)
        provider.times = ProcessingTimes(all: .zero ... .zero)
        return SimulatorConfiguration(provider: provider)
    }

    /// Sets one rate to certainty.
    private func faults(_ rate: WritableKeyPath<FaultSettings, Double>) -> FaultSettings {
        var faults = FaultSettings()
        faults[keyPath: rate] = 1
        return faults
    }

    @Test("a lost answer closes the connection, and the log tells whether the POST took effect")
    func lost() async throws {
        let settings = configuration()
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let key = settings.provider.keys[0].secret
            for rate in [\FaultSettings.lostBeforeCountingRate, \.lostAfterCountingRate] {
                simulator.setFaults(faults(rate))
                await #expect(throws: (any Error).self) { try await browser.post(["image": Samples.png], key: key) }
            }
            let posts = simulator.log.records()
            #expect(posts.map(\.isAccepted) == [false, true])
            #expect(posts.map(\.status) == [nil, nil])
            #expect(simulator.report().accepted == 1)
        }
    }

    @Test("damaged files arrive as damaged, and only whole ones count")
    func files() async throws {
        let settings = configuration()
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let key = settings.provider.keys[0].secret
            let created = try await browser.post(["image": Samples.png], key: key)
            let id = try #require(created.object["generation_id"] as? String)
            let whole = try await browser.download(id, key: key).body

            simulator.setFaults(faults(\.truncatedFileRate))
            await #expect(throws: (any Error).self) { try await browser.download(id, key: key) }
            simulator.setFaults(faults(\.shortFileRate))
            #expect(try await browser.download(id, key: key).body == whole.prefix(whole.count / 2))
            simulator.setFaults(faults(\.corruptFileRate))
            let corrupt = try await browser.download(id, key: key).body
            #expect(corrupt.count == whole.count && corrupt != whole)
            simulator.setFaults(faults(\.htmlFileRate))
            let page = try await browser.download(id, key: key)
            #expect(page.status == 200 && page.type == "text/html")
            simulator.setFaults(faults(\.readErrorRate))
            #expect(try await browser.download(id, key: key).status == 500)
            var drip = faults(\.slowDripRate)
            drip.dripBytesPerSecond = whole.count * 5
            simulator.setFaults(drip)
            #expect(try await browser.download(id, key: key).body == whole)
            #expect(simulator.report().deliveries == 2)
        }
    }

    @Test("HTML, broken JSON and a proxy's 502 come as such")
    func answers() async throws {
        let settings = configuration()
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let key = settings.provider.keys[0].secret
            simulator.setFaults(faults(\.htmlRate))
            let page = try await browser.post(["image": Samples.png], key: key)
            #expect(page.status == 200 && page.type == "text/html")
            simulator.setFaults(faults(\.badJSONRate))
            let broken = try await browser.post(["image": Samples.png], key: key)
            #expect(broken.status == 200)
            #expect(throws: (any Error).self) { try broken.object }
            simulator.setFaults(faults(\.badGatewayRate))
            #expect(try await browser.post(["image": Samples.png], key: key).status == 502)
        }
    }

    @Test("a body beyond all bounds is refused before it is read whole")
    func hugeBody() async throws {
        try await withSimulator(configuration()) { simulator in
            let page = try? await Browser(simulator).post(simulator.baseURL, Data(count: 17 << 20))
            #expect(page == nil || page?.status == 413)
            #expect(simulator.report().posts == 0)
        }
    }
}
