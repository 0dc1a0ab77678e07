import Foundation
import MeshmillStore
import PostgresClient

/// The time of one claim by what else lies in the database: jobs that wait, that are blocked, that have ended.
struct FlatCase: Sendable {
    let bench: Workbench

    private static let claimLimit = 10
    /// Batches over which blocked jobs are spread; a third each is paused, capped, or of a tenant without budget.
    private static let blockedBatches = 99

    private var claims: Int { bench.settings.scale.pick(full: 500, quick: 400, tiny: 12) }
    private var most: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 10_000_000, quick: 300_000, tiny: 4_000)
    }
    private var least: Int { min(most, bench.settings.scale.pick(full: 10_000, quick: 10_000, tiny: 1_000)) }
    private var keys: Int { bench.settings.keys ?? claims * Self.claimLimit }

    func run() async throws -> BenchReport {
        try await bench.withDatabase { database in
            let backlog = Backlog(bench: bench, connectionString: database)
            try await backlog.addKeys(keys, window: .seconds(900))
            var rows: [BenchRow] = []
            var times: [String: Quantiles] = [:]
            func measure(_ what: String) async throws {
                try await backlog.settleDown()
                let found = try await claimTimes(database)
                times[what] = found
                rows.append(
                    BenchRow(
                        ("backlog", .text(what)),
                        ("claims", .whole(found.count)),
                        ("p50 ms", .number(found.p50)),
                        ("p99 ms", .number(found.p99)),
                        ("worst ms", .number(found.worst))
                    )
                )
                bench.say("\(what): p50 \(BenchValue.number(found.p50).shown) ms")
            }
            let (small, large) = (BenchValue.whole(least).shown, BenchValue.whole(most).shown)
            try await backlog.addJobs(least, out: "/bench/small")
            try await measure("\(small) waiting")
            bench.say("adding jobs up to \(large)")
            try await backlog.addJobs(max(most / 100 - least, 0), out: "/bench/middle")
            try await addBlocked(backlog)
            try await measure("\(large) waiting, 99% blocked")
            try await unblock(database)
            try await measure("\(large) waiting")
            try await end(database)
            try await measure("\(large) finished, \(small) waiting")
            func ratio(_ what: String) -> Double {
                (times[what]?.p99 ?? .nan) / (times["\(small) waiting"]?.p99 ?? .nan)
            }
            return BenchReport(
                name: BenchCase.flat.rawValue,
                summary:
                    "One claim of \(Self.claimLimit) jobs on one connection, by what else lies in the database. Blocked "
                    + "jobs are in paused batches, in batches at their cap, and of a tenant without budget.",
                settings: BenchRow(("jobs", .whole(most)), ("keys", .whole(keys)), ("claims", .whole(claims))),
                results: rows,
                bars: [
                    BenchBar(
                        "p99 with 99% blocked ÷ small",
                        ratio("\(large) waiting, 99% blocked"),
                        .atMost,
                        must: 1.5,
                        goal: 1.2
                    ),
                    BenchBar("p99 with all waiting ÷ small", ratio("\(large) waiting"), .atMost, must: 1.5, goal: 1.2),
                    BenchBar(
                        "p99 with finished jobs ÷ small",
                        ratio("\(large) finished, \(small) waiting"),
                        .atMost,
                        must: 1.5,
                        goal: 1.2
                    ),
                ]
            )
        }
    }

    /// Claims again and again with keys that were never used, and gives the times in milliseconds.
    private func claimTimes(_ database: String) async throws -> Quantiles {
        // As if nothing had been claimed before.
        try await bench.sql(
            """
            UPDATE meshmill.jobs SET state = 'queued', attempt_id = NULL, worker_id = NULL, attempts = 0
            WHERE state = 'submitting';
            DELETE FROM meshmill.attempts;
            UPDATE meshmill.slots SET free_at = meshmill.clock(), attempt_id = NULL;
            UPDATE meshmill.keys SET reserved = 0, ready_at = meshmill.clock();
            UPDATE meshmill.orgs SET reserved = 0
            """,
            on: database
        )
        try await bench.sql(
            "VACUUM ANALYZE meshmill.keys, meshmill.slots, meshmill.attempts, meshmill.jobs",
            on: database
        )
        let worker = UUID()
        return try await bench.withConnection(to: database) { connection in
            _ = try await connection.query(
                Heartbeat(worker: worker, name: "bench", version: "bench", lease: .seconds(3_600))
            )
            var times: [Double] = []
            for number in 0..<claims {
                let start = ContinuousClock.now
                let rows = try await connection.query(
                    ClaimJobs(
                        worker: worker,
                        limit: Self.claimLimit,
                        pool: nil,
                        batch: nil,
                        requestDeadline: .seconds(60),
                        grace: .seconds(60),
                        probe: false
                    )
                )
                let time = start.duration(to: .now).inSeconds * 1_000
                guard !rows.isEmpty else { throw BenchError("claim \(number) found nothing to do") }
                // The first ones make the plans.
                if number >= claims / 10 { times.append(time) }
            }
            return Quantiles(times)
        }
    }

    private func addBlocked(_ backlog: Backlog) async throws {
        let each = (most - most / 100) / Self.blockedBatches
        try await bench.sql(
            """
            INSERT INTO meshmill.tenants (name, pool_id, monthly_budget)
            SELECT 'broke', p.id, 0 FROM meshmill.pools AS p WHERE p.name = 'default'
            """,
            on: backlog.connectionString
        )
        for number in 0..<Self.blockedBatches {
            let batch = try await backlog.addJobs(each, out: "/bench/blocked/\(number)")
            let block =
                switch number % 3 {
                case 0: "UPDATE meshmill.batches SET state = 'paused' WHERE id = \(batch)"
                case 1: "UPDATE meshmill.batches SET max_credits = 0 WHERE id = \(batch)"
                default:
                    """
                    UPDATE meshmill.batches SET tenant_id = t.id FROM meshmill.tenants AS t
                    WHERE t.name = 'broke' AND batches.id = \(batch)
                    """
                }
            try await bench.sql(block, on: backlog.connectionString)
        }
    }

    private func unblock(_ database: String) async throws {
        try await bench.sql(
            """
            UPDATE meshmill.batches SET state = 'open', max_credits = NULL,
                tenant_id = (SELECT t.id FROM meshmill.tenants AS t WHERE t.name = 'default')
            """,
            on: database
        )
    }

    private func end(_ database: String) async throws {
        try await bench.sql(
            """
            UPDATE meshmill.jobs AS j
            SET state = 'completed', completed_at = meshmill.clock(), glb_sha256 = j.input_sha256, glb_bytes = 40000
            FROM meshmill.batches AS b
            WHERE b.id = j.batch_id AND b.out <> '/bench/small'
            """,
            on: database
        )
    }
}
