import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("What a forecast reads")
struct ForecastSituationTests {
    private func key(_ yard: Yard) async throws -> ForecastKey {
        try #require(try await ForecastSituation(yard.client).input.keys.first)
    }

    /// Seconds from now until the database lets the key send.
    private func readyIn(_ yard: Yard) async throws -> Int {
        try await yard.number("SELECT round(extract(epoch FROM ready_at - meshmill.clock())) FROM meshmill.keys")
    }

    @Test(
        "spaces a key's POSTs by the window model in force, as the claim does",
        arguments: [("slots", 0, nil), ("paced", 0, 180), ("paced", 4, 900), ("strict", 0, 225), ("strict", 4, 1_800)]
    )
    func windowModel(model: String, reserve: Int, gap: Int?) async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1, setting: "reserve_slots = \(reserve), known_since = '-infinity'")
            try await yard.addJobs(9)
            try await yard.run("SELECT meshmill.set_window_model('\(model)', NULL)")
            try await yard.settle(try await yard.claim(1), .accepted)
            let key = try await key(yard)
            #expect(key.windowModel.rawValue == model && key.gap == gap.map { .seconds($0) })
            // The two were asked at different instants.
            #expect(abs(key.readyAt / .seconds(1) - Double(try await readyIn(yard))) < 60)
        }
    }

    @Test("takes a POST that is out to be answered when others were, not when its claim would give it up")
    func inFlight() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.addJobs(9)
            _ = try await yard.claim(1)
            #expect(try await readyIn(yard) == 6)
            let key = try await key(yard)
            #expect(key.blockedFor <= .seconds(1))
            #expect(key.slots.filter { $0 <= .zero }.count == 4)
            // One window after the answer, not after deadline and grace as well.
            #expect(key.slots.allSatisfy { $0 <= .seconds(901) })
        }
    }
}
