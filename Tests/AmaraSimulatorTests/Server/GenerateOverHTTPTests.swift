import AmaraSimulator
import Foundation
import Testing

@Suite("Over HTTP")
struct GenerateOverHTTPTests {
    @Test("an image becomes a GLB: create, poll, download")
    func generates() async throws {
        var provider = ProviderConfiguration(keyCount: 1)
        provider.times = ProcessingTimes(all: .zero ... .zero)
        try await withSimulator(SimulatorConfiguration(provider: provider)) { simulator in
            let browser = Browser(simulator)
            let key = provider.keys[0].secret
            let created = try await browser.post(["image": Samples.png], key: key)
            #expect(created.status == 200)
            let id = try #require(created.object["generation_id"] as? String)

            let status = try await browser.status(id, key: key)
            #expect(try status.object["status"] as? String == "completed")

            let file = try await browser.download(id, key: key)
            #expect(file.status == 200)
            #expect(file.body.starts(with: Array("glTF".utf8)))
            #expect(simulator.report().deliveries == 1)
        }
    }
}
