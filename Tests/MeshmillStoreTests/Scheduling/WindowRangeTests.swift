import AmaraSimulator
import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

/// The window models against simulated servers of all eight kinds, in virtual time.
@Suite("Window models", .timeLimit(.minutes(3)))
struct WindowRangeTests {
    /// Which servers a model must never draw a 429 from: KEYPOOL, section 4.4.
    static let covered: [String: [WindowModel]] = [
        "slots": [.slidingLog, .slidingLogCountingRefusals, .fixedWindow, .firstRequestWindow, .tokenBucket],
        "paced": WindowModel.allCases.filter { $0 != .slidingCounterStrict },
        "strict": WindowModel.allCases,
    ]

    @Test("draw no 429 from any server that they cover", arguments: ["slots", "paced", "strict"])
    func noRefusals(model: String) async throws {
        let servers = Self.covered[model] ?? []
        try await Yard.with { yard in
            try await yard.run("SELECT meshmill.set_setting('window_model', '\(model)', NULL)")
            var range = try await WindowRange(yard, servers: servers.flatMap { [$0, $0] })
            try await range.pass(windows: 4)
            #expect(range.refusals == 0, "\(range.refused)")
            // At least what the pace lets through, less one POST a window at the ends.
            let least = model == "strict" ? 4 * 4 - 4 : 4 * 5 - 4
            for (key, accepted) in range.accepted { #expect(accepted >= least, "key \(key)") }
            #expect(try await yard.text("SELECT window_model FROM ops.window_model") == model)
        }
    }

    @Test("draw no 429 with reserved slots, and leave them free", arguments: ["slots", "paced", "strict"])
    func reserve(model: String) async throws {
        try await Yard.with { yard in
            try await yard.run("SELECT meshmill.set_setting('window_model', '\(model)', NULL)")
            var range = try await WindowRange(yard, servers: Self.covered[model] ?? [], setting: "reserve_slots = 2")
            var least = Int.max
            try await range.pass(windows: 2) {
                least = min(least, try await yard.number("SELECT min(free_slots) FROM ops.keys"))
            }
            #expect(range.refusals == 0)
            // strict never fills what it may use, so that one more stays free.
            #expect(least == (model == "strict" ? 3 : 2))
        }
    }

    @Test("auto stays with slots, and draws no 429, where slots is right")
    func autoStays() async throws {
        try await Yard.with { yard in
            var range = try await WindowRange(yard, servers: Self.covered["slots"] ?? [])
            try await range.pass(windows: 3)
            #expect(range.refusals == 0)
            #expect(try await yard.text("SELECT learned FROM ops.window_model") == "slots")
        }
    }

    @Test(
        "auto learns for all 20 keys within the bounds of the simulation",
        arguments: [
            (WindowModel.slidingCounterFloored, "paced", 16),
            (.cellRate, "paced", 24),
            (.slidingCounterStrict, "strict", 19),
        ]
    )
    func ladder(server: WindowModel, model: String, most: Int) async throws {
        try await Yard.with { yard in
            var range = try await WindowRange(
                yard,
                servers: Array(repeating: server, count: 20),
                setting: "known_since = meshmill.clock() - interval '1 h'"
            )
            try await range.pass(windows: 7)
            #expect(try await yard.text("SELECT window_model FROM ops.window_model") == model)
            #expect(range.refusals <= most)
            let learned = range.refusals
            try await range.pass(windows: 2)
            #expect(range.refusals == learned, "it has learned")
            // What it went by is there to be read.
            #expect(try await yard.number("SELECT rate_limited FROM ops.window_model") == learned)
            #expect(try await yard.text("SELECT reason FROM ops.window_model")?.contains("unexplained") == true)
            #expect(
                try await yard.number("SELECT count(*) FROM ops.audit_log WHERE what = 'learn_window_model'")
                    == (model == "strict" ? 2 : 1)
            )
        }
    }
}
