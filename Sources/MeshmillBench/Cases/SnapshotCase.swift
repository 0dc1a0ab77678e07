import PostgresClient

/// Claim and settle while somebody holds a snapshot, so that nothing that ends can be cleaned away.
struct SnapshotCase: Sendable {
    let bench: Workbench

    private var jobs: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 240_000, quick: 60_000, tiny: 2_000)
    }
    private var keys: Int { bench.settings.keys ?? bench.settings.scale.pick(full: 10_000, quick: 10_000, tiny: 200) }
    private var workers: Int { bench.settings.workers ?? 4 }

    func run() async throws -> BenchReport {
        var rates: [String: Double] = [:]
        for isHeld in [false, true] {
            let word = isHeld ? "held" : "free"
            bench.say("snapshot \(word): bare queue")
            rates["bare \(word)"] = try await bench.withDatabase(isMigrated: false) { database in
                let queue = BareQueue(bench: bench, connectionString: database)
                try await queue.fill(jobs + jobs / 10)
                return try await holding(isHeld, database) {
                    _ = try await queue.run(clients: workers, jobs: jobs * 3 / 4)
                    return try await queue.run(clients: workers, jobs: jobs / 4).rate
                }
            }
            bench.say("snapshot \(word): own queue")
            rates["own \(word)"] = try await bench.withDatabase { database in
                let backlog = Backlog(bench: bench, connectionString: database)
                try await backlog.addKeys(keys, window: .milliseconds(1), margin: .zero)
                try await backlog.addJobs(jobs + jobs / 10, out: "/bench/snapshot")
                try await backlog.settleDown()
                return try await holding(isHeld, database) { try await lastQuarter(database) }
            }
        }
        func slowdown(_ who: String) -> Double {
            rates["\(who) free", default: .nan] / rates["\(who) held", default: .nan]
        }
        func row(_ who: String) -> BenchRow {
            BenchRow(
                ("queue", .text(who)),
                ("free jobs/s", .number(rates["\(who) free", default: .nan])),
                ("held jobs/s", .number(rates["\(who) held", default: .nan])),
                ("free ÷ held", .number(slowdown(who)))
            )
        }
        return BenchReport(
            name: BenchCase.snapshot.rawValue,
            summary:
                "Jobs a second over the last quarter of a run, without and with a REPEATABLE READ snapshot that is held "
                + "from before its first claim to after its last.",
            settings: BenchRow(("jobs", .whole(jobs)), ("keys", .whole(keys)), ("workers", .whole(workers))),
            results: [row("own")],
            baseline: [row("bare")],
            bars: [BenchBar("free ÷ held", slowdown("own"), .atMost, must: 1.5, goal: 1.05)]
        )
    }

    private func lastQuarter(_ database: String) async throws -> Double {
        let fleet = Fleet(bench, database, provider: InstantProvider(), workers: workers)
        return try await fleet.run { settled in
            let limit = ContinuousClock.now + .seconds(600)
            var quarter: (at: ContinuousClock.Instant, count: Int)?
            while settled() < jobs {
                guard ContinuousClock.now < limit else { throw BenchError("only \(settled()) jobs in ten minutes") }
                try await Task.sleep(for: .milliseconds(10))
                if quarter == nil, settled() >= jobs * 3 / 4 { quarter = (.now, settled()) }
            }
            guard let quarter else { return .nan }
            return Double(settled() - quarter.count) / quarter.at.duration(to: .now).inSeconds
        }
    }

    private func holding<Value>(
        _ isHeld: Bool,
        _ database: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        guard isHeld else { return try await body() }
        return try await bench.withConnection(to: database) { connection in
            try await connection.simpleQuery("BEGIN ISOLATION LEVEL REPEATABLE READ")
            // The first statement takes the snapshot.
            try await connection.simpleQuery("SELECT count(*) FROM pg_class")
            let value = try await body()
            try await connection.simpleQuery("COMMIT")
            return value
        }
    }
}
