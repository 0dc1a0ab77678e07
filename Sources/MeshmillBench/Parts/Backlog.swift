import MeshmillCore
import MeshmillStore
import PostgresClient

/// Fills a scratch database: keys by the real import, jobs by SQL in bulk.
struct Backlog: Sendable {
    let bench: Workbench
    let connectionString: String

    /// Takes in keys with five slots each, named `key-1` and on, each its own org, whose credits are known.
    func addKeys(_ count: Int, window: Duration, limit: Int = 5, margin: Duration? = nil) async throws {
        let rows = (1...count).map { number in
            KeyFileRow(
                line: number,
                secret: Secret("sk_bench_\(number)"),
                name: "key-\(number)",
                rateLimit: limit,
                rateWindow: window
            )
        }
        let keyImport = KeyImport(masterKey: MasterKey(), margin: margin)
        let client = bench.client(connectionString)
        do {
            _ = try await client.withTransaction { connection in
                try await connection.simpleQuery("SET LOCAL statement_timeout = 0")
                return try await keyImport.run(rows, known: .areUpdated, on: connection)
            }
            await client.close()
        } catch {
            await client.close()
            throw error
        }
        try await bench.sql(
            "UPDATE meshmill.orgs SET credits_remaining = \(InstantProvider.credits)",
            on: connectionString
        )
    }

    /// Adds a batch with so many jobs in a state, of the tenant `default`.
    ///
    /// - Returns: the batch's id.
    @discardableResult
    func addJobs(
        _ count: Int,
        state: String = "queued",
        batchState: String = "open",
        out: String
    ) async throws -> Int64 {
        let ended = state == "completed"
        let batch = try await bench.sql(
            """
            INSERT INTO meshmill.batches (tenant_id, out, state)
            SELECT t.id, '\(out)', '\(batchState)' FROM meshmill.tenants AS t WHERE t.name = 'default'
            RETURNING id
            """,
            on: connectionString
        )
        guard let id = batch.first?.first.flatMap({ $0 }).flatMap(Int64.init) else {
            throw BenchError("there is no tenant default")
        }
        // In pieces, so that the log and the locks stay bounded.
        for start in stride(from: 0, to: count, by: 500_000) {
            try await bench.sql(
                """
                INSERT INTO meshmill.jobs (batch_id, tenant_id, state, fingerprint, input_sha256, input_format, mode, seed,
                    decimation_target, texture_size, submitted_at, completed_at, glb_sha256, glb_bytes)
                SELECT b.id, b.tenant_id, '\(state)', md5(b.id || '/' || g)::uuid, sha256(g::text::bytea), 'png', 'fast',
                    42, 300000, 2048, meshmill.clock(), \(ended ? "meshmill.clock(), sha256(g::text::bytea), 40000" : "NULL, NULL, NULL")
                FROM generate_series(\(start + 1), \(min(count, start + 500_000))) AS g
                CROSS JOIN meshmill.batches AS b WHERE b.id = \(id)
                """,
                on: connectionString
            )
        }
        return id
    }

    /// Statistics and visibility as a database has them that was not filled a minute ago.
    func settleDown() async throws {
        try await bench.sql("VACUUM ANALYZE", on: connectionString)
        try await bench.sql("CHECKPOINT", on: connectionString)
    }
}
