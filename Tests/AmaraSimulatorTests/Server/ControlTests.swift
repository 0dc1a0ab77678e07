import AmaraSimulator
import Foundation
import Testing

@Suite("Control routes")
struct ControlTests {
    private func control(_ browser: Browser, _ route: String) async throws -> Browser.Page {
        try await browser.get("\(browser.origin)/_simulator/\(route)")
    }

    private func order(_ browser: Browser, _ route: String, _ json: String) async throws -> Browser.Page {
        try await browser.post("\(browser.origin)/_simulator/\(route)", Data(json.utf8))
    }

    @Test("faults are switched while the simulator runs, and typing errors are refused")
    func faults() async throws {
        try await withSimulator { simulator in
            let browser = Browser(simulator)
            let key = simulator.configuration.provider.keys[0].secret
            let switched = try await order(browser, "faults", #"{"backend_error_rate": 1}"#)
            #expect(switched.status == 200)
            #expect(try await browser.post(["image": Samples.png], key: key).status == 503)
            #expect(try await order(browser, "faults", #"{"backend_eror_rate": 1}"#).status == 400)
            #expect(try await control(browser, "faults").object["backend_error_rate"] as? Double == 1)
            #expect(try await order(browser, "faults", "{}").status == 200)
            #expect(try await browser.post(["image": Samples.png], key: key).status == 200)
            #expect(try await order(browser, "outage", #"{"seconds": 3600}"#).status == 200)
            #expect(try await browser.post(["image": Samples.png], key: key).status == 503)
        }
    }

    @Test("skipped time ends generations, expires files and empties windows")
    func skip() async throws {
        let settings = SimulatorConfiguration(provider: ProviderConfiguration(keyCount: 1, limit: 1))
        try await withSimulator(settings) { simulator in
            let browser = Browser(simulator)
            let key = settings.provider.keys[0].secret
            let created = try await browser.post(["image": Samples.png], key: key)
            let id = try #require(created.object["generation_id"] as? String)
            #expect(try await browser.post(["image": Samples.png], key: key).status == 429)
            _ = try await order(browser, "skip", #"{"seconds": 900}"#)
            #expect(try await browser.status(id, key: key).object["status"] as? String == "completed")
            #expect(try await browser.post(["image": Samples.png], key: key).status == 200)
            _ = try await order(browser, "skip", #"{"seconds": 3600}"#)
            #expect(try await browser.download(id, key: key).status == 404)
        }
    }

    @Test("keys and organizations are shown and changed")
    func books() async throws {
        try await withSimulator { simulator in
            let browser = Browser(simulator)
            let key = simulator.configuration.provider.keys[0].secret
            let page = try await control(browser, "keys")
            let keys = try JSONDecoder().decode([ProviderState.Key].self, from: page.body)
            #expect(keys.map(\.secret) == simulator.configuration.provider.keys.map(\.secret))
            #expect(try await order(browser, "keys", #"{"name": "sim-1", "disabled": true}"#).status == 200)
            #expect(try await browser.post(["image": Samples.png], key: key).status == 401)
            _ = try await order(browser, "keys", #"{"name": "sim-1", "disabled": false, "monthly_limit": 0}"#)
            #expect(try await browser.post(["image": Samples.png], key: key).status == 402)
            _ = try await order(browser, "keys", #"{"name": "sim-1", "monthly_limit": -1}"#)
            #expect(try await order(browser, "orgs", #"{"name": "org-1", "credits": 3}"#).status == 200)
            let created = try await browser.post(["image": Samples.png], key: key)
            #expect(try created.object["credits_remaining"] as? Int == 2)
            #expect(try await order(browser, "keys", #"{"name": "sim-99", "disabled": true}"#).status == 404)
            #expect(try await order(browser, "orgs", #"{"name": "org-99", "credits": 3}"#).status == 404)
            let state = try JSONDecoder().decode(ProviderState.self, from: await control(browser, "state").body)
            #expect(state.acceptedGenerations == 1)
            #expect(state.orgs.map(\.credits) == [2])
        }
    }

    @Test("the log pages by sequence, names keys and never shows a secret, in memory and in its file")
    func log() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "simulator-\(UUID()).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        var configuration = SimulatorConfiguration(provider: ProviderConfiguration(keyCount: 1, limit: 2))
        configuration.logFile = file
        configuration.logCapacity = 3
        try await withSimulator(configuration) { simulator in
            let browser = Browser(simulator)
            let key = configuration.provider.keys[0].secret
            for seed in 0..<5 { _ = try await browser.post(["image": Samples.png, "seed": seed], key: key) }
            let page = try await control(browser, "log?after=3&limit=1")
            #expect(try page.object["total"] as? Int == 5)
            let records = try #require(page.object["records"] as? [[String: Any]])
            #expect(records.map { $0["sequence"] as? Int } == [4])
            #expect(records.first?["status"] as? Int == 429)
            #expect(records.first?["key"] as? String == "sim-1")
            #expect(simulator.log.records().map(\.sequence) == [3, 4, 5])

            let report = try JSONDecoder().decode(SimulatorReport.self, from: await control(browser, "report").body)
            #expect(report.posts == 5 && report.rateLimited == 3)

            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!text.contains(key))
            let lines = try text.split(separator: "\n").map {
                try JSONDecoder().decode(RequestRecord.self, from: Data($0.utf8))
            }
            #expect(lines.map(\.sequence) == [1, 2, 3, 4, 5])
            #expect(lines.map(\.isCounted) == [true, true, false, false, false])
            #expect(lines[2...] == simulator.log.records()[...].dropFirst(0))
        }
    }
}
