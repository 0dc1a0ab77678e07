import AmaraSimulator
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    @Test("names and secrets follow from number and seed, and are known before the start")
    func keys() {
        let one = ProviderConfiguration(keyCount: 3, seed: 5).keys
        #expect(one == ProviderConfiguration(keyCount: 3, seed: 5).keys)
        #expect(one.map(\.name) == ["sim-1", "sim-2", "sim-3"])
        #expect(one.allSatisfy { $0.secret.hasPrefix("sk_amara_sim_") && $0.secret.utf8.count == 45 })
        #expect(Set(one.map(\.secret) + ProviderConfiguration(keyCount: 3, seed: 6).keys.map(\.secret)).count == 6)
    }

    @Test("keys take organizations and monthly limits in turn")
    func turns() {
        let settings = ProviderConfiguration(
            keyCount: 5,
            orgs: 2,
            monthlyLimits: [100, nil, 50],
            orgCredits: [7, 9]
        )
        #expect(settings.keys.map(\.org) == ["org-1", "org-2", "org-1", "org-2", "org-1"])
        #expect(settings.keys.map(\.monthlyLimit) == [100, nil, 50, 100, nil])
        #expect(settings.orgs.map(\.credits) == [7, 9])
    }

    @Test("speed divides the provider's times, and the summary says what a client must know")
    func speed() {
        let configuration = SimulatorConfiguration(provider: ProviderConfiguration(keyCount: 20), speed: 60)
        let scaled = configuration.provider.scaled(by: 60)
        #expect(scaled.window == .seconds(15))
        #expect(scaled.fileLifetime == .seconds(60))
        #expect(scaled.times.fast == .milliseconds(500) ... .seconds(2))
        #expect(
            configuration.summary
                == "20 keys, each 5 POSTs per 15 s of real time (sliding_log, 900 s at speed 60), seed 1"
        )
    }

    @Test("a setting that cannot work is refused in one line that names it")
    func validation() {
        let breaks: [(String, (inout SimulatorConfiguration) -> Void)] = [
            ("port", { $0.port = 70_000 }), ("speed", { $0.speed = 0 }), ("speed", { $0.speed = .nan }),
            ("no keys", { $0.provider.keys = [] }), ("sim-1", { $0.provider.keys[1].name = "sim-1" }),
            ("repeats", { $0.provider.keys[1].secret = $0.provider.keys[0].secret }),
            ("limit", { $0.provider.limit = 0 }), ("window", { $0.provider.window = .zero }),
            ("window", { $0.provider.keys[2].window = .seconds(1e8) }),
            ("concurrency", { $0.provider.concurrency = 0 }),
            ("file lifetime", { $0.provider.fileLifetime = .seconds(-1) }),
            ("log capacity", { $0.logCapacity = 0 }),
        ]
        #expect(throws: Never.self) { try SimulatorConfiguration().validate() }
        for (word, change) in breaks {
            var configuration = SimulatorConfiguration()
            change(&configuration)
            do {
                try configuration.validate()
                Issue.record("\(word) passed")
            } catch {
                #expect(error.description.contains(word), "\(error)")
                #expect(!error.description.contains("\n"))
                #expect(!error.description.contains("sk_amara"))
            }
        }
    }
}
