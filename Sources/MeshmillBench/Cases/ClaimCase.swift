/// Claim and settle: the worker's own loop against a provider that answers at once, and a bare queue beside it.
struct ClaimCase: Sendable {
    let bench: Workbench

    private var jobs: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 1_000_000, quick: 200_000, tiny: 2_000)
    }
    private var keys: Int { bench.settings.keys ?? bench.settings.scale.pick(full: 10_000, quick: 10_000, tiny: 200) }
    private var workers: Int { bench.settings.workers ?? 4 }
    private var seconds: Int { bench.settings.seconds ?? bench.settings.scale.pick(full: 60, quick: 6, tiny: 1) }

    private struct Cost {
        var rate: Double
        var jobs: Int
        var log: Double
        var microseconds: Double
        var commits: Double
        var deadlocks: Double

        var row: BenchRow {
            BenchRow(
                ("jobs/s", .number(rate)),
                ("jobs", .whole(jobs)),
                ("server CPU us/job", .number(microseconds)),
                ("WAL bytes/job", .number(log)),
                ("commits/job", .number(commits)),
                ("deadlocks", .number(deadlocks))
            )
        }
    }

    func run() async throws -> BenchReport {
        let own = try await bench.withDatabase { try await measureOwn($0) }
        // As deep into a table as large, since either queue slows down as dead rows pile up.
        let bare = try await bench.withDatabase(isMigrated: false) { try await measureBare($0, settling: own.jobs) }
        return BenchReport(
            name: BenchCase.claim.rawValue,
            summary:
                "Claim and settle of the worker's own loop, batches of 100, against a provider that answers at once. "
                + "A job is claimed with a key's slot and settled as generating, with its ledger; 'bare' is one table "
                + "of as many rows, of which pgbench then claims and settles as many, in hundreds.",
            settings: BenchRow(
                ("jobs", .whole(jobs)),
                ("keys", .whole(keys)),
                ("slots a key", .whole(5)),
                ("workers", .whole(workers)),
                ("seconds", .whole(seconds))
            ),
            results: [own.row],
            baseline: [bare.row],
            bars: [
                BenchBar("claim + settle ÷ bare", own.rate / bare.rate, .atLeast, must: 0.15, goal: 0.4),
                BenchBar("server CPU a job ÷ bare", own.microseconds / bare.microseconds, .atMost, must: 6, goal: 3),
                BenchBar("WAL a job ÷ bare", own.log / bare.log, .atMost, must: 3, goal: 2),
                BenchBar("commits a job", own.commits, .atMost, must: 0.1, goal: 0.03),
                BenchBar("deadlocks", own.deadlocks, .atMost, must: 0),
            ]
        )
    }

    private func measureBare(_ database: String, settling count: Int) async throws -> Cost {
        bench.say("bare queue: \(count) of \(jobs) jobs")
        let queue = BareQueue(bench: bench, connectionString: database)
        try await queue.fill(jobs)
        let before = try await ServerMeter.read(bench, database)
        let stretch = try await queue.run(clients: workers, jobs: count)
        return cost(stretch.jobs, stretch.rate, before, try await ServerMeter.read(bench, database))
    }

    private func measureOwn(_ database: String) async throws -> Cost {
        bench.say("own queue: \(keys) keys, \(jobs) jobs")
        let backlog = Backlog(bench: bench, connectionString: database)
        try await backlog.addKeys(keys, window: .milliseconds(1), margin: .zero)
        try await backlog.addJobs(jobs, out: "/bench/claim")
        try await backlog.settleDown()
        let fleet = Fleet(bench, database, provider: InstantProvider(), workers: workers)
        let before = try await ServerMeter.read(bench, database)
        let (settled, elapsed) = try await fleet.run { settled in
            let start = ContinuousClock.now
            while start.duration(to: .now) < .seconds(seconds), settled() < jobs {
                try await Task.sleep(for: .milliseconds(20))
            }
            return (settled(), start.duration(to: .now))
        }
        return cost(settled, Double(settled) / elapsed.inSeconds, before, try await ServerMeter.read(bench, database))
    }

    private func cost(_ jobs: Int, _ rate: Double, _ before: ServerMeter, _ after: ServerMeter) -> Cost {
        let cost = after.cost(since: before, jobs: jobs)
        return Cost(
            rate: rate,
            jobs: jobs,
            log: cost.log,
            microseconds: cost.microseconds,
            commits: cost.commits,
            deadlocks: after.deadlocks - before.deadlocks
        )
    }
}
