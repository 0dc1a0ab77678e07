import Foundation
import Testing

@Suite("meshmill simulator")
struct SimulatorCommandTests {
    @Test("prints its address when it is ready, writes a key file with real windows, and ends on SIGTERM with exit 0")
    func serves() async throws {
        try await Workplace.with { place async throws in
            let keys = "\(place.folder)/keys.csv"
            let (address, status) = try await place.startSimulator(
                "--keys",
                "4",
                "--orgs",
                "2",
                "--limit",
                "3",
                "--window",
                "15m",
                "--speed",
                "60",
                "--monthly-limit",
                "7",
                "--monthly-limit",
                "none",
                "--write-keys",
                keys
            )
            #expect(address.wholeMatch(of: /http:\/\/127\.0\.0\.1:\d+\/meshgen-api/) != nil, "\(address)")
            #expect(status == 0)
            let lines = try String(contentsOfFile: keys, encoding: .utf8).split(separator: "\n").dropFirst()
            #expect(
                lines.map {
                    $0.split(separator: ",", omittingEmptySubsequences: false).dropFirst().joined(separator: ",")
                } == [
                    "sim-1,org-1,7,3,15s", "sim-2,org-2,,3,15s", "sim-3,org-1,7,3,15s", "sim-4,org-2,,3,15s",
                ]
            )
            let attributes = try FileManager.default.attributesOfItem(atPath: keys)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try await place.run("keys", "import", keys).output == "4 keys added, 0 updated\n")
        }
    }

    @Test("says in one line that it cannot listen, or cannot write its files, exit 74")
    func cannotListen() async throws {
        try await Workplace.with { place async throws in
            let port = try await place.run("simulator", "--listen", "203.0.113.1:80")
            #expect(port.status == 74 && port.onlyMessage?.contains("--listen") == true, "\(port.messages)")
            let file = try await place.run("simulator", "--listen", "0", "--write-keys", "nowhere/keys.csv")
            #expect(file.status == 74 && file.onlyMessage != nil, "\(file.messages)")
            let log = try await place.run("simulator", "--listen", "0", "--log", "nowhere/sim.log")
            #expect(log.status == 74 && log.onlyMessage != nil, "\(log.messages)")
        }
    }
}
