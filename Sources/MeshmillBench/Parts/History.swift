/// Fills a scratch database as months of work leave it: keys, tenants, ended jobs at hand and put away, jobs that wait.
///
/// By SQL alone and in pieces; what nobody reads in a list (secrets, inputs) is left out.
struct History: Sendable {
    let bench: Workbench
    let connectionString: String
    let keys: Int
    /// Jobs that have ended, the older fifth of them put away.
    let ended: Int
    /// Jobs that wait or are under way.
    let waiting: Int

    private static let endedBatches = 2_000
    private static let openBatches = 200
    /// Ended jobs in one piece.
    private static let piece = 500_000

    func fill() async throws {
        try await run(accounts)
        let putAway = ended / 5
        for start in stride(from: 0, to: ended, by: Self.piece) {
            let end = min(start + Self.piece, ended)
            bench.say("adding ended jobs up to \(BenchValue.whole(end).shown)")
            if start < putAway { try await addEnded(start..<min(end, putAway), isPutAway: true) }
            if end > putAway { try await addEnded(max(start, putAway)..<end, isPutAway: false) }
        }
        bench.say("adding \(BenchValue.whole(waiting).shown) jobs that wait")
        try await run(backlog)
        // As housekeeping does, some at a time.
        while try await bench.sql("SELECT meshmill.close_batches()", on: connectionString) != [["0"]] {}
        try await bench.sql("VACUUM ANALYZE", on: connectionString)
    }

    /// As one transaction without triggers: the ledger's would refuse nothing here, but cost.
    private func run(_ text: String) async throws {
        try await bench.sql(
            "BEGIN; SET LOCAL session_replication_role = replica; \(text); COMMIT",
            on: connectionString
        )
    }

    private func addEnded(_ numbers: Range<Int>, isPutAway: Bool) async throws {
        guard !numbers.isEmpty else { return }
        try await run(endedJobs(numbers, isPutAway: isPutAway))
    }
}

extension History {
    private var accounts: String {
        """
        INSERT INTO meshmill.pools (name) SELECT 'pool-' || g FROM generate_series(1, 3) AS g;
        INSERT INTO meshmill.tenants (name, pool_id)
        SELECT 'tenant-' || g, p.id FROM generate_series(1, 50) AS g
        JOIN meshmill.pools AS p ON p.name = CASE WHEN g % 5 = 0 THEN 'pool-' || (1 + g / 5 % 3) ELSE 'default' END;
        INSERT INTO meshmill.orgs (name, credits_remaining, credits_reported, credits_observed_at)
        SELECT 'org-' || g, 1000000, 1000000, meshmill.clock() FROM generate_series(1, \(max(keys / 20, 1))) AS g;
        INSERT INTO meshmill.keys (name, org_id, pool_id, monthly_limit, provider_monthly_limit, provider_monthly_used,
            monthly_used, monthly_expected, observed_at, ready_at)
        SELECT 'key-' || g, o.id, p.id, 2000, 2000, 1000, 1000, 1000, meshmill.clock(),
            meshmill.clock() + g % 900 * interval '1 s'
        FROM generate_series(1, \(keys)) AS g
        JOIN meshmill.orgs AS o ON o.name = 'org-' || (1 + g % \(max(keys / 20, 1)))
        JOIN meshmill.pools AS p ON p.name = CASE WHEN g % 5 = 0 THEN 'pool-' || (1 + g / 5 % 3) ELSE 'default' END;
        INSERT INTO meshmill.slots (key_id, ordinal, free_at)
        SELECT k.id, s, k.ready_at + (s - 4) * interval '1 min'
        FROM meshmill.keys AS k CROSS JOIN generate_series(0, 4) AS s;
        INSERT INTO meshmill.batches (tenant_id, out, state, submitted_at)
        SELECT t.id, '/bench/ended/' || g, 'finished', meshmill.clock() - g * interval '40 min'
        FROM generate_series(1, \(Self.endedBatches)) AS g
        JOIN meshmill.tenants AS t ON t.name = 'tenant-' || (1 + g % 50) ORDER BY g;
        INSERT INTO meshmill.batches (tenant_id, out)
        SELECT t.id, '/bench/open/' || g FROM generate_series(1, \(Self.openBatches)) AS g
        JOIN meshmill.tenants AS t ON t.name = 'tenant-' || (1 + g % 50) ORDER BY g;
        INSERT INTO meshmill.workers (id, name, version, lease_until, unbroken_since)
        SELECT md5('worker' || g)::uuid, 'host:' || g, 'bench', meshmill.clock() + interval '1 day', meshmill.clock()
        FROM generate_series(0, 3) AS g;
        SELECT meshmill.make_month(
            date_trunc('month', (meshmill.clock() - m * interval '1 month') AT TIME ZONE 'UTC')::date)
        FROM generate_series(0, 3) AS m;
        CREATE TABLE bench_batches AS
        SELECT g AS n, b.id, b.tenant_id FROM generate_series(1, \(Self.endedBatches)) AS g
        -- One of every ten belongs to one large batch.
        JOIN meshmill.batches AS b
            ON b.out = '/bench/ended/' || CASE WHEN g <= \(Self.endedBatches / 10) THEN 1 ELSE g END;
        CREATE TABLE bench_keys AS SELECT row_number() OVER (ORDER BY id) AS n, id, org_id FROM meshmill.keys;
        CREATE INDEX ON bench_keys (n);
        ANALYZE bench_batches, bench_keys
        """
    }

    /// Jobs with one POST each, charged once; the first numbers ended longest ago, 55 days.
    private func endedJobs(_ numbers: Range<Int>, isPutAway: Bool) -> String {
        let (old, override) = isPutAway ? ("old_", "") : ("", "OVERRIDING SYSTEM VALUE")
        let month = isPutAway ? ", date_trunc('month', f.at AT TIME ZONE 'UTC')::date" : ""
        let monthColumn = isPutAway ? ", month" : ""
        return """
            CREATE TEMP TABLE ended ON COMMIT DROP AS
            SELECT s.n + 1 AS id, b.id AS batch_id, b.tenant_id, k.id AS key_id, k.org_id,
                   meshmill.clock() - (\(ended) - s.n) * interval '55 days' / \(ended) AS at,
                   CASE WHEN s.n % 100 < 2 THEN 'failed' WHEN s.n % 100 = 2 THEN 'cancelled' ELSE 'completed'
                       END AS state
            FROM generate_series(\(numbers.lowerBound)::bigint, \(numbers.upperBound - 1)) AS s (n)
            JOIN bench_batches AS b ON b.n = \(Self.endedBatches) - s.n * \(Self.endedBatches) / \(ended)
            JOIN bench_keys AS k ON k.n = 1 + s.n % \(keys);
            INSERT INTO meshmill.\(old)jobs (id, state, batch_id, tenant_id, attempt_id, lease_epoch, priority,
                attempts, failures, provider_failures, unknowns, crash_count, fingerprint, input_sha256, input_format, mode, seed,
                decimation_target, texture_size, submitted_at, completed_at, glb_sha256, glb_bytes, error_code,
                error, due, verifying) \(override)
            SELECT f.id, f.state::meshmill.job_state, f.batch_id, f.tenant_id, f.id, 1, 0, 1, 0, 0, 0, 0,
                   md5('f' || f.id)::uuid, sha256(f.id::text::bytea), 'png', 'fast', 42, 300000, 2048,
                   f.at - interval '1 hour', f.at, sha256(f.id::text::bytea), 40000,
                   CASE f.state WHEN 'failed' THEN 'GENERATION_FAILED' END,
                   CASE f.state WHEN 'failed' THEN 'the mesh could not be made' END, false, false
            FROM ended AS f;
            INSERT INTO meshmill.outputs (batch_id, output, job_id, source, published_at)
            SELECT f.batch_id, f.id / 1000 || '/picture-' || f.id || '.glb', f.id,
                   '/home/studio/' || f.id / 1000 || '/picture-' || f.id || '.jpg', f.at
            FROM ended AS f;
            INSERT INTO meshmill.\(old)attempts (id, state, job_id, batch_id, tenant_id, key_id, org_id, slot,
                worker_id, lease_epoch, probe, claimed_at, counted_by, answered_at, ended_at, generation_id, http_status, reserved,
                credits, refund_unconfirmed, paid_twice, uncounted, org_charged\(monthColumn))
            SELECT f.id, CASE f.state WHEN 'failed' THEN 'failed' ELSE 'completed' END::meshmill.attempt_state, f.id,
                   f.batch_id, f.tenant_id, f.key_id, f.org_id, 1, md5('worker' || f.id % 4)::uuid, 1, false,
                   f.at - interval '90 s', f.at - interval '60 s', f.at - interval '60 s', f.at, md5('g' || f.id), 200,
                   false, 1, false, false, false, 0\(month)
            FROM ended AS f;
            INSERT INTO meshmill.\(old)ledger (id, kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period,
                at, key_month\(monthColumn)) \(override)
            SELECT 2 * f.id - e.n, e.kind::meshmill.ledger_kind, f.id, 1, f.key_id, f.org_id, f.tenant_id, f.batch_id,
                   date_trunc('month', f.at AT TIME ZONE 'UTC')::date, f.at - e.n * interval '30 s', 0\(month)
            FROM ended AS f CROSS JOIN (VALUES (1, 'reserve'), (0, 'charge')) AS e (n, kind)
            ORDER BY f.id, e.n DESC
            """
    }

    /// 975 of 1,000 queued, 15 scheduled, 5 held, 5 generating.
    private var backlog: String {
        """
        SELECT setval(pg_get_serial_sequence('meshmill.jobs', 'id'), \(ended)),
               setval(pg_get_serial_sequence('meshmill.attempts', 'id'), \(ended + waiting)),
               setval(pg_get_serial_sequence('meshmill.ledger', 'id'), \(2 * ended));
        INSERT INTO meshmill.jobs (state, batch_id, tenant_id, attempt_id, worker_id, lease_epoch, run_at, fingerprint,
            input_sha256, input_format, mode, seed, decimation_target, texture_size, error_code, error)
        SELECT s.state::meshmill.job_state, b.id, b.tenant_id, CASE s.state WHEN 'generating' THEN \(ended) + n + 1 END,
               CASE s.state WHEN 'generating' THEN md5('worker' || n % 4)::uuid END, 1,
               CASE s.state WHEN 'scheduled' THEN meshmill.clock() + n % 900 * interval '1 s' END, md5('w' || n)::uuid,
               sha256(n::text::bytea), 'png', 'fast', 42, 300000, 2048,
               CASE WHEN s.state IN ('scheduled', 'held') THEN 'SERVER_ERROR' END,
               CASE WHEN s.state IN ('scheduled', 'held') THEN 'the provider failed' END
        FROM generate_series(0::bigint, \(waiting - 1)) AS n
        CROSS JOIN LATERAL (
            SELECT CASE WHEN n % 200 = 0 THEN 'held' WHEN n % 200 < 4 THEN 'scheduled'
                WHEN n % 200 = 4 THEN 'generating' ELSE 'queued' END AS state
        ) AS s
        JOIN meshmill.batches AS b ON b.out = '/bench/open/' || (1 + n * \(Self.openBatches) / \(waiting));
        INSERT INTO meshmill.outputs (batch_id, output, job_id, source)
        SELECT j.batch_id, 'picture-' || j.id || '.glb', j.id, '/home/studio/new/picture-' || j.id || '.jpg'
        FROM meshmill.jobs AS j WHERE j.id > \(ended);
        INSERT INTO meshmill.attempts (id, state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
            lease_epoch, claimed_at, counted_by, answered_at, generation_id, http_status, reserved, credits)
        SELECT j.attempt_id, 'generating', j.id, j.batch_id, j.tenant_id, k.id, k.org_id, 1, j.worker_id, 1,
               meshmill.clock(), meshmill.clock(), meshmill.clock(), md5('g' || j.id), 200, false, 1
        FROM meshmill.jobs AS j JOIN bench_keys AS k ON k.n = 1 + j.id % \(keys)
        WHERE j.id > \(ended) AND j.state = 'generating';
        INSERT INTO meshmill.ledger (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period)
        SELECT e.kind::meshmill.ledger_kind, a.id, 1, a.key_id, a.org_id, a.tenant_id, a.batch_id,
               date_trunc('month', meshmill.clock() AT TIME ZONE 'UTC')::date
        FROM meshmill.attempts AS a CROSS JOIN (VALUES ('reserve'), ('charge')) AS e (kind)
        WHERE a.id > \(ended) ORDER BY a.id
        """
    }
}
