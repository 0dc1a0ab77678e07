import MeshmillStore
import PostgresClient
import Testing

@Suite("Plans of listings, made once for any values, with 50,000 jobs and no statistics")
struct PlanTests {
    /// Fifty batches of 1,000 jobs, each with an output and every fifth with a POST.
    private func withBacklog(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.sql(
                """
                ALTER TABLE meshmill.jobs SET (autovacuum_enabled = false);
                ALTER TABLE meshmill.outputs SET (autovacuum_enabled = false);
                INSERT INTO meshmill.batches (tenant_id, out) SELECT 1, '/b/' || g FROM generate_series(1, 50) AS g;
                INSERT INTO meshmill.jobs (batch_id, tenant_id, state, fingerprint, input_sha256, input_format,
                    glb_sha256, completed_at)
                SELECT 1 + g % 50, 1, CASE WHEN g % 3 = 0 THEN 'queued' ELSE 'completed' END::meshmill.job_state,
                    gen_random_uuid(), '\\x01', 'png', '\\x01', now()
                FROM generate_series(1, 50000) AS g;
                INSERT INTO meshmill.outputs (batch_id, output, job_id, source)
                SELECT j.batch_id, j.id || '.glb', j.id, '/s' FROM meshmill.jobs AS j
                """
            )
            try await body(database)
        }
    }

    /// The plan of a statement with these parameters, as the server keeps it for later calls.
    private func plan(_ sql: String, _ parameters: String, _ database: StoreTestDatabase) async throws -> String {
        try await database.client.withConnection { connection in
            try await connection.simpleQuery("SET plan_cache_mode = force_generic_plan; PREPARE page AS \(sql)")
            let rows = try await connection.simpleQuery("EXPLAIN (ANALYZE) EXECUTE page (\(parameters))").rows
            try await connection.simpleQuery("DEALLOCATE page; RESET plan_cache_mode")
            return rows.map { $0.first.flatMap(\.self) ?? "" }.joined(separator: "\n")
        }
    }

    @Test("an export reads a page of jobs, not all of them")
    func export() async throws {
        try await withBacklog { database async throws in
            let plan = try await plan(ExportJobs.sql, "7, '', 100", database)
            #expect(!plan.contains("Seq Scan on jobs") && !plan.contains("JIT"), "\(plan)")
        }
    }

    @Test("a list reads a page of jobs, not all of them")
    func list() async throws {
        try await withBacklog { database async throws in
            let plan = try await plan(ListJobs.sql, "NULL, NULL, NULL, 1000, 100", database)
            #expect(!plan.contains("Seq Scan on jobs") && !plan.contains("JIT"), "\(plan)")
        }
    }

    @Test("counts of a batch walk the partial indexes")
    func counts() async throws {
        try await withBacklog { database async throws in
            let source = try await database.sql("SELECT pg_get_functiondef('meshmill.batch_counts'::regproc)")
            let body = try #require(source.first?.firstRange(of: "BEGIN ATOMIC"))
            let sql = String(source[0][body.upperBound...].prefix { $0 != ";" })
                .replacing("batch_counts.", with: "")
                .replacing("p_batch", with: "$1::bigint").replacing("p_cap", with: "$2::bigint")
            let plan = try await plan(sql, "7, 10000", database)
            #expect(!plan.contains("Seq Scan on jobs"), "\(plan)")
            for index in ["jobs_queued", "jobs_active", "jobs_ended"] { #expect(plan.contains(index)) }
        }
    }

    @Test(
        "views for operators read what they show, not all jobs",
        arguments: [
            "why_waiting WHERE job_id = 300", "why_waiting WHERE batch_id = 7", "why_waiting LIMIT 20", "waiting",
            "queue",
            "tenants", "autoscale", "batches WHERE batch_id = 7", "jobs WHERE job_id = 300",
            "jobs WHERE batch_id = 7 AND status = 'queued' LIMIT 20",
        ]
    )
    func views(_ query: String) async throws {
        try await withBacklog { database async throws in
            let plan = try await database.sql("EXPLAIN (ANALYZE) SELECT * FROM ops.\(query)").joined(separator: "\n")
            #expect(!plan.contains("Seq Scan on jobs") && !plan.contains("JIT"), "\(plan)")
        }
    }
}
