import MeshmillStore
import PostgresClient
import Testing

@Suite("Missing links")
struct MissingLinkTests {
    @Test("are outputs of completed jobs that lack their file, with one that has it")
    func areFound() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            _ = try await database.add([1, 1, 1, 2], outputs: ["a", "b", "c", "d"], to: batch)
            try await database.sql(
                """
                UPDATE meshmill.jobs SET state = 'completed', glb_sha256 = '\\x0102', completed_at = now() WHERE id = 1;
                UPDATE meshmill.outputs SET published_at = now() WHERE output = 'b'
                """
            )
            let client = database.client
            let first = try await client.query(FindMissingLinks(batchID: batch, limit: 1))
            #expect(first.map(\.output) == ["a"] && first.map(\.published) == ["b"])
            #expect(first.map(\.sha256) == [[1, 2]])
            let rest = try await client.query(FindMissingLinks(batchID: batch, afterJob: 1, afterOutput: "a"))
            #expect(rest.map(\.output) == ["c"])
            #expect(try await client.execute(MarkPublished(batchID: batch, jobID: 1, output: "a")) == 1)
            #expect(try await client.execute(MarkPublished(batchID: batch, jobID: 1, output: "a")) == 0)
            #expect(try await client.query(FindMissingLinks(batchID: batch)).map(\.output) == ["c"])
        }
    }
}
