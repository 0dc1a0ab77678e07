import PostgresClient

/// How long each view for operators takes over months of work, as somebody types it into `psql`.
struct ViewsCase: Sendable {
    let bench: Workbench

    private var ended: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 10_000_000, quick: 200_000, tiny: 4_000)
    }
    private var waiting: Int { max(ended / 10, 1_000) }
    private var keys: Int { bench.settings.keys ?? bench.settings.scale.pick(full: 10_000, quick: 1_000, tiny: 40) }

    func run() async throws -> BenchReport {
        try await bench.withDatabase { database in
            let history = History(
                bench: bench,
                connectionString: database,
                keys: keys,
                ended: ended,
                waiting: waiting
            )
            try await history.fill()
            var rows: [BenchRow] = []
            for query in queries {
                let times = try await times(of: query, on: database)
                rows.append(
                    BenchRow(
                        ("query", .text(query)),
                        ("median ms", .number(times.p50)),
                        ("worst ms", .number(times.worst))
                    )
                )
                bench.say("\(query): \(BenchValue.number(times.p50).shown) ms")
            }
            let slowest = rows.compactMap { row -> Double? in
                if case .number(let time)? = row["median ms"] { time } else { nil }
            }.max()
            return BenchReport(
                name: BenchCase.views.rawValue,
                summary:
                    "Each view of ops as an operator reads it: its first hundred rows, and those of one batch, key, "
                    + "state or tenant. Five times each on one connection, the first one thrown away.",
                settings: BenchRow(
                    ("ended", .whole(ended)),
                    ("waiting", .whole(waiting)),
                    ("keys", .whole(keys)),
                    ("tenants", .whole(50)),
                    ("batches", .whole(2_200))
                ),
                results: rows,
                bars: [BenchBar("slowest median, ms", slowest ?? .nan, .atMost, must: 100)]
            )
        }
    }

    private func times(of query: String, on database: String) async throws -> Quantiles {
        try await bench.withConnection(to: database) { connection in
            try await connection.simpleQuery("SET statement_timeout = '60s'")
            var times: [Double] = []
            for _ in 0..<5 {
                let start = ContinuousClock.now
                _ = try await connection.simpleQuery("SELECT * FROM ops.\(query)")
                times.append(start.duration(to: .now).inSeconds * 1_000)
            }
            return Quantiles(Array(times.dropFirst()))
        }
    }

    /// What follows `SELECT * FROM ops.`; batch 1 is large and has ended, 2,100 waits.
    private var queries: [String] {
        let (oldJob, newJob) = (ended / 20, ended + waiting / 2)
        return [
            "jobs LIMIT 100", "jobs ORDER BY job_id DESC LIMIT 100", "jobs WHERE job_id = \(newJob)",
            "jobs WHERE job_id = \(oldJob)", "jobs WHERE batch_id = 1 LIMIT 100",
            "jobs WHERE batch_id = 1 AND status = 'failed' LIMIT 100", "jobs WHERE batch_id = 2100 LIMIT 100",
            "jobs WHERE status = 'failed' LIMIT 100", "jobs WHERE status = 'queued' LIMIT 100",
            "jobs WHERE status = 'generating' LIMIT 100", "jobs WHERE status = 'held' LIMIT 100",
            "jobs WHERE tenant = 'tenant-7' LIMIT 100",
            "jobs WHERE tenant = 'tenant-7' AND status = 'queued' LIMIT 100",
            "jobs WHERE key = 'key-17' LIMIT 100", "jobs WHERE key = 'key-17' AND status = 'generating' LIMIT 100",
            "attempts ORDER BY attempt_id DESC LIMIT 100", "attempts WHERE key = 'key-17' LIMIT 100",
            "attempts WHERE key = 'key-17' ORDER BY attempt_id DESC LIMIT 100", "attempts WHERE job_id = \(oldJob)",
            "batches LIMIT 100", "batches ORDER BY batch_id DESC LIMIT 100", "batches WHERE batch_id = 1",
            "batches WHERE batch_id = 2100", "batches WHERE status = 'open' LIMIT 100",
            "batches WHERE tenant = 'tenant-7' LIMIT 100", "batches WHERE failed > 0 LIMIT 100",
            "keys LIMIT 100", "keys ORDER BY next_post_at LIMIT 100", "keys WHERE key = 'key-17'",
            "keys WHERE status = 'paused' LIMIT 100", "keys WHERE blocked_by = 'quota' LIMIT 100",
            "slots ORDER BY free_in LIMIT 100", "slots WHERE key = 'key-17'", "orgs LIMIT 100",
            "orgs WHERE org = 'org-1'", "pools", "tenants", "tenants WHERE tenant = 'tenant-7'", "workers LIMIT 100",
            "queue LIMIT 100", "queue WHERE tenant = 'tenant-7'", "queue WHERE batch_id = 2100", "waiting LIMIT 100",
            "waiting WHERE batch_id = 2100", "why_waiting LIMIT 100", "why_waiting WHERE job_id = \(newJob)",
            "why_waiting WHERE batch_id = 2100 LIMIT 100", "why_waiting WHERE tenant = 'tenant-7' LIMIT 100",
            "why_waiting WHERE status = 'held' LIMIT 100", "ledger LIMIT 100",
            "ledger ORDER BY entry_id DESC LIMIT 100", "ledger WHERE job_id = \(oldJob)",
            "ledger WHERE tenant = 'tenant-7' LIMIT 100", "ledger WHERE batch_id = 2100 LIMIT 100",
            "ledger WHERE batch_id = 1 ORDER BY entry_id DESC LIMIT 100", "ledger WHERE key = 'key-17' LIMIT 100",
            "ledger WHERE at > now() - interval '1 hour' LIMIT 100", "credit_drift LIMIT 100",
            "credit_drift WHERE key = 'key-17'", "window_model", "rate_limit_answers LIMIT 100",
            "audit_log ORDER BY audit_id DESC LIMIT 20", "autoscale",
        ]
    }
}
