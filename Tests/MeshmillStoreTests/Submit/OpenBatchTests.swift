import MeshmillStore
import PostgresClient
import Testing

@Suite("Opening a batch")
struct OpenBatchTests {
    @Test("finds the batch of a tenant and a folder, and changes only what is given")
    func continuesTheBatch() async throws {
        try await StoreTestDatabase.with { database async throws in
            let first = OpenBatch(tenant: "default", out: "/out", maxCredits: 10, onAmbiguous: "hold")
            #expect(try await database.client.query(first).first?.isNew == true)
            let again = OpenBatch(tenant: "default", out: "/out", maxAttempts: 5)
            let row = try await database.client.query(again).first
            #expect(row?.batchID == 1 && row?.isPaused == false && row?.isNew == false)
            let settings = try await database.sql(
                "SELECT max_credits, max_attempts, on_ambiguous FROM meshmill.batches"
            )
            #expect(settings == ["10|5|hold"])
            #expect(try await database.client.query(OpenBatch(tenant: "default", out: "/other")).first?.batchID != 1)
        }
    }

    @Test("has no row without such a tenant")
    func needsATenant() async throws {
        try await StoreTestDatabase.with { database async throws in
            let rows = try await database.client.query(OpenBatch(tenant: "nobody", out: "/out"))
            #expect(rows.isEmpty)
        }
    }

    @Test("makes one batch when many ask at once")
    func atOnce() async throws {
        try await StoreTestDatabase.with { database async throws in
            let ids = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<20 { group.addTask { try await database.openBatch() } }
                var ids: Set<Int64> = []
                for try await id in group { ids.insert(id) }
                return ids
            }
            #expect(ids.count == 1)
        }
    }
}
