import MeshmillStore
import PostgresClient
import Testing

@Suite("Which batches' turn it is", .timeLimit(.minutes(1)))
struct BatchTurnTests {
    /// The jobs of a claim as `batch/nth of the batch`.
    private func claim(_ limit: Int, _ yard: Yard, cursors: [ClaimCursor] = []) async throws -> [String] {
        let claim = try await yard.claim(limit, cursors: cursors)
        let rows = try await yard.client.withConnection { connection in
            try await connection.simpleQuery(
                """
                SELECT j.id, trim(b.out, '/') || '/' || (
                    SELECT count(*) FROM meshmill.jobs AS o WHERE o.batch_id = j.batch_id AND o.id <= j.id)
                FROM meshmill.jobs AS j JOIN meshmill.batches AS b ON b.id = j.batch_id
                """
            ).rows
        }
        let names = Dictionary(uniqueKeysWithValues: rows.compactMap { row in row[0].map { ($0, row[1] ?? "") } })
        return claim.map { names["\($0.jobID)"] ?? "?" }
    }

    @Test("jobs go by priority, then age, however they are spread over batches")
    func inOrder() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(10)
            for out in ["/a", "/b", "/a", "/c", "/b"] { try await yard.addJobs(2, out: out) }
            #expect(Set(try await claim(3, yard)) == ["a/1", "a/2", "b/1"])
            try await yard.addJobs(2, out: "/d")
            try await yard.run(
                "UPDATE meshmill.jobs SET priority = 32767 WHERE id = (SELECT max(id) FROM meshmill.jobs)"
            )
            #expect(Set(try await claim(3, yard)) == ["d/2", "b/2", "a/3"])
            #expect(Set(try await claim(4, yard)) == ["a/4", "c/1", "c/2", "b/3"])
        }
    }

    @Test("interleaved one by one, twenty batches give what one would")
    func interleaved() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(70)
            for _ in 0..<4 {
                for batch in 0..<20 { try await yard.addJobs(1, out: "/\(batch)") }
            }
            let first = try await claim(30, yard)
            #expect(Set(first) == Set((0..<20).map { "\($0)/1" } + (0..<10).map { "\($0)/2" }))
            let second = try await claim(35, yard)
            #expect(
                Set(second) == Set((10..<20).map { "\($0)/2" } + (0..<20).map { "\($0)/3" } + (0..<5).map { "\($0)/4" })
            )
        }
    }

    @Test("a batch's cap lets the next one have the slots that it may not use")
    func capped() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(10)
            try await yard.addJobs(5, out: "/a", setting: "max_credits = 2")
            try await yard.addJobs(5, out: "/b")
            #expect(Set(try await claim(4, yard)) == ["a/1", "a/2", "b/1", "b/2"])
            #expect(Set(try await claim(4, yard)) == ["b/3", "b/4", "b/5"])
        }
    }

    @Test("a cursor skips what was claimed in its batch, and nothing elsewhere")
    func cursors() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(10)
            try await yard.addJobs(3, out: "/a")
            try await yard.addJobs(3, out: "/b")
            let ids = try await yard.client.withConnection { connection in
                try await connection.simpleQuery("SELECT batch_id, id FROM meshmill.jobs ORDER BY id").rows
            }
            let (batch, job) = (Int64(ids[1][0] ?? "") ?? 0, Int64(ids[1][1] ?? "") ?? 0)
            let cursor = ClaimCursor(batchID: batch, priority: 0, jobID: job)
            #expect(Set(try await claim(3, yard, cursors: [cursor])) == ["a/3", "b/1", "b/2"])
        }
    }

    @Test("jobs queued once more get their share from a batch without fresh ones, and all slots that those leave")
    func dueElsewhere() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(20)
            try await yard.addJobs(12, out: "/a")
            try await yard.addJobs(6, out: "/b")
            try await yard.run(
                "UPDATE meshmill.jobs SET due = true WHERE batch_id = (SELECT id FROM meshmill.batches WHERE out = '/b')"
            )
            // A fifth of the claim, and the one that a tenant starts with.
            let first = try await claim(10, yard)
            #expect(Set(first) == Set((1...7).map { "a/\($0)" } + ["b/1", "b/2", "b/3"]))
            let second = try await claim(10, yard)
            #expect(Set(second) == Set((8...12).map { "a/\($0)" } + ["b/4", "b/5", "b/6"]))
        }
    }

    @Test("a batch from which nothing is taken is not locked: who holds its row keeps nobody from the others")
    func leavesOthersAlone() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(5)
            try await yard.addJobs(5, out: "/a")
            try await yard.addJobs(5, out: "/b")
            try await yard.client.withConnection { person in
                try await person.simpleQuery("BEGIN; SELECT FROM meshmill.batches WHERE out = '/b' FOR UPDATE")
                #expect(try await claim(5, yard).count == 5)
                try await person.simpleQuery("ROLLBACK")
            }
        }
    }
}
