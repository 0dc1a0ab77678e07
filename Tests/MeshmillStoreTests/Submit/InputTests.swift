import FoundationEssentials
import MeshmillStore
import PostgresClient
import Testing

@Suite("Prepared inputs")
struct InputTests {
    @Test("are found by their sources, and the newer one counts")
    func areFound() async throws {
        try await StoreTestDatabase.with { database async throws in
            let client = database.client
            let inputs = (1...3).map(StoreTestDatabase.input)
            try await client.execute(RecordInputs(inputs))
            let sources = inputs.map(\.sourceSHA256) + [[UInt8](repeating: 0, count: 32)]
            let found = try await client.query(FindInputs(sourceSHA256s: sources))
            #expect(Set(found) == Set(inputs))
            var newer = inputs[0]
            newer.inputSHA256 = [UInt8](repeating: 7, count: 32)
            newer.format = "jpeg"
            try await client.execute(RecordInputs([newer]))
            #expect(try await client.query(FindInputs(sourceSHA256s: [newer.sourceSHA256])) == [newer])
        }
    }

    @Test("recorded by many at once in any order never deadlock")
    func atOnce() async throws {
        try await StoreTestDatabase.with { database async throws in
            let inputs = (0..<500).map(StoreTestDatabase.input)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await database.client.execute(RecordInputs(inputs.shuffled())) }
                }
                try await group.waitForAll()
            }
            #expect(try await database.sql("SELECT count(*) FROM meshmill.inputs") == ["500"])
        }
    }

    @Test("and parameters make a fingerprint that no two different jobs share")
    func fingerprints() {
        func fingerprint(_ prompt: String?, seed: Int64 = 42, mode: String = "fast") -> String {
            JobFingerprint.of(
                inputSHA256: [1],
                mode: mode,
                prompt: prompt,
                seed: seed,
                decimationTarget: 300_000,
                textureSize: 2_048
            ).uuidString
        }
        #expect(fingerprint(nil) == fingerprint(""))
        let different = [
            fingerprint(nil), fingerprint("a"), fingerprint("A"), fingerprint(nil, seed: 7),
            fingerprint(nil, mode: "standard"), fingerprint("4", seed: 2), fingerprint("", seed: 4),
        ]
        #expect(Set(different).count == different.count)
    }
}
