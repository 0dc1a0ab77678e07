import MeshmillStore
import PostgresClient
import Testing

@Suite("When a claim may find more", .timeLimit(.minutes(2)))
struct NextWakeTests {
    @Test("is at once for a slot that came free while the last claim ran, and not for one that it saw")
    func race() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(1)
            try await yard.run("UPDATE meshmill.keys SET ready_at = meshmill.clock() - interval '3 s'")
            let missed = try await yard.client.query(NextWake(pool: nil, batch: nil, since: .seconds(5)))[0].slotIn
            #expect(try #require(missed) <= .zero)
            let seen = try await yard.client.query(NextWake(pool: nil, batch: nil, since: .seconds(1)))[0].slotIn
            #expect(seen == nil)
        }
    }

    @Test("is when the next slot comes free")
    func next() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.run("UPDATE meshmill.keys SET ready_at = meshmill.clock() + id * interval '100 s'")
            let next = try await yard.client.query(NextWake(pool: nil, batch: nil, since: .zero))[0].slotIn
            #expect((.seconds(90) ... .seconds(100)).contains(try #require(next)))
        }
    }
}
