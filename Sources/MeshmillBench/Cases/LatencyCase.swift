import AmaraAPI
import AmaraSimulator
import Crypto
import Foundation
import MeshmillStore
import MeshmillSubmission
import PostgresClient
import Synchronization

/// How long it takes from the moment when something may happen until it does.
struct LatencyCase: Sendable {
    let bench: Workbench

    /// The most milliseconds that a free slot may wait for its POST.
    private static let slotLimit = 25.0

    private var rounds: Int { bench.settings.jobs ?? bench.settings.scale.pick(full: 500, quick: 150, tiny: 10) }
    private var seconds: Int { bench.settings.seconds ?? bench.settings.scale.pick(full: 20, quick: 8, tiny: 1) }
    /// Seconds.
    private var lease: Double { bench.settings.scale.pick(full: 3, quick: 3, tiny: 2) }

    func run() async throws -> BenchReport {
        bench.say("raw LISTEN and claim")
        let raw = try await bench.withDatabase(isMigrated: false) { try await listenAndClaim($0) }
        bench.say("submit to POST")
        let submit = try await bench.withDatabase { try await submitToPost($0) }
        bench.say("slot free to POST")
        let slot = try await bench.withDatabase { try await slotToPost($0) }
        bench.say("worker killed to polled again")
        let killed = try await killedToPolled()
        func row(_ what: String, _ times: Quantiles) -> BenchRow {
            BenchRow(
                ("from, to", .text(what)),
                ("times", .whole(times.count)),
                ("p50 ms", .number(times.p50)),
                ("p99 ms", .number(times.p99)),
                ("worst ms", .number(times.worst))
            )
        }
        return BenchReport(
            name: BenchCase.latency.rawValue,
            summary:
                "Submit to POST: one job at a time, by the real intake, on an idle pool with one worker that listens. "
                + "Slot free to POST: keys with one slot and a backlog. Killed: one of two workers by SIGKILL, until the "
                + "other has asked after each of its generations.",
            settings: BenchRow(("rounds", .whole(rounds)), ("lease s", .number(lease))),
            results: [
                row("submit, POST", submit), row("slot free, POST", slot), row("worker killed, polled again", killed),
            ],
            baseline: [row("INSERT with NOTIFY, claimed", raw)],
            bars: [
                BenchBar("submit to POST p50 ÷ raw", submit.p50 / raw.p50, .atMost, must: 2, goal: 1.3),
                BenchBar("submit to POST p99 ÷ raw", submit.p99 / raw.p99, .atMost, must: 3, goal: 1.2),
                BenchBar("slot free to POST p99, ms", slot.p99, .atMost, must: Self.slotLimit),
                BenchBar("killed to polled again, worst, s", killed.worst / 1_000, .atMost, must: lease + 5),
            ]
        )
    }

    /// The raw form of the same: a row is inserted with a NOTIFY, whoever listens claims it.
    private func listenAndClaim(_ database: String) async throws -> Quantiles {
        try await bench.sql(
            """
            CREATE TABLE raw (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL DEFAULT 'ready',
                payload text NOT NULL);
            CREATE INDEX raw_ready ON raw (id) WHERE state = 'ready'
            """,
            on: database
        )
        let listener = PostgresListener(
            configuration: PostgresConfiguration(connectionString: database),
            channels: ["raw"],
            logger: bench.logger
        )
        return try await bench.withConnection(to: database) { producer in
            try await bench.withConnection(to: database) { consumer in
                var events = listener.makeAsyncIterator()
                guard await events.next() == .subscribed else { throw BenchError("LISTEN failed") }
                var times: [Double] = []
                for _ in 0..<rounds {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 5...25)))
                    let start = ContinuousClock.now
                    try await producer.simpleQuery(
                        "INSERT INTO raw (payload) VALUES (repeat('x', 300)); SELECT pg_notify('raw', '')"
                    )
                    _ = await events.next()
                    let rows = try await consumer.simpleQuery(
                        """
                        UPDATE raw SET state = 'active' WHERE id IN (
                            SELECT id FROM raw WHERE state = 'ready' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 100)
                        RETURNING id
                        """
                    ).rows
                    if !rows.isEmpty { times.append(start.duration(to: .now).inSeconds * 1_000) }
                }
                return Quantiles(times)
            }
        }
    }

    private func submitToPost(_ database: String) async throws -> Quantiles {
        // Each round needs a slot that is free.
        try await Backlog(bench: bench, connectionString: database).addKeys(rounds / 4 + 10, window: .seconds(900))
        let posted = Mutex<ContinuousClock.Instant?>(nil)
        let provider = InstantProvider { _ in posted.withLock { $0 = .now } }
        var fleet = Fleet(bench, database, provider: provider, workers: 1)
        fleet.listens = true
        let client = bench.client(database)
        guard let batch = try await client.query(OpenBatch(tenant: "default", out: "/bench/latency")).first else {
            throw BenchError("there is no tenant default")
        }
        let intake = DatabaseIntake(client, batchID: batch.batchID)
        let times = try await fleet.run { _ in
            try await Task.sleep(for: .seconds(1))
            var times: [Double] = []
            for number in 0..<rounds {
                let hash = Array(SHA256.hash(data: Array("\(number)".utf8)))
                try await intake.recordInputs([
                    KnownInput(sourceSHA256: hash, inputSHA256: hash, bytes: 1, format: "png", width: 1, height: 1)
                ])
                try await Task.sleep(for: .milliseconds(Int.random(in: 15...40)))
                posted.withLock { $0 = nil }
                let start = ContinuousClock.now
                _ = try await intake.add(
                    [
                        NewJob(
                            inputSHA256: hash,
                            inputFormat: "png",
                            parameters: .providerDefaults,
                            source: "/s",
                            output: "\(number).glb"
                        )
                    ],
                    replacing: false
                )
                while true {
                    if let at = posted.withLock({ $0 }) {
                        times.append(start.duration(to: at).inSeconds * 1_000)
                        break
                    }
                    guard start.duration(to: .now) < .seconds(10) else {
                        throw BenchError("a job was not sent in 10 s")
                    }
                    try await Task.sleep(for: .microseconds(300))
                }
            }
            return times
        }
        await client.close()
        return Quantiles(times)
    }

    private func slotToPost(_ database: String) async throws -> Quantiles {
        let backlog = Backlog(bench: bench, connectionString: database)
        let keys = bench.settings.keys ?? 20
        try await backlog.addKeys(keys, window: .milliseconds(400), limit: 1)
        try await backlog.addJobs(keys * seconds * 4, out: "/bench/slots")
        let posted = Mutex<[String: [Double]]>([:])
        let provider = InstantProvider { token in
            let now = Date.now.timeIntervalSince1970
            posted.withLock { $0[token.exposed, default: []].append(now) }
        }
        let fleet = Fleet(bench, database, provider: provider, workers: 1)
        let start = Date.now.timeIntervalSince1970
        let end = try await fleet.run { _ in
            try await Task.sleep(for: .seconds(seconds))
            return Date.now.timeIntervalSince1970
        }
        // Also the keys that were never used.
        let rows = try await bench.sql(
            """
            SELECT 'key-' || k.id, extract(epoch FROM a.answered_at + k.rate_window + k.margin)
            FROM meshmill.keys AS k LEFT JOIN meshmill.attempts AS a ON a.key_id = k.id AND a.answered_at IS NOT NULL
            ORDER BY k.id, a.id
            """,
            on: database
        )
        var free: [String: [Double]] = [:]
        for row in rows {
            guard let key = row[0] else { continue }
            free[key, default: []] += row.dropFirst().compactMap { $0.flatMap(Double.init) }
        }
        let posts = posted.withLock { $0 }
        return Quantiles(free.flatMap { key, free in Self.waits(of: posts[key] ?? [], free: free, run: start...end) })
    }

    /// How long a key's one slot, once it was free, waited for its POSTs.
    ///
    /// Its first use is left out, since that waited for the worker's start. A POST that had not come by the run's end
    /// counts if it was late by then; what became free just before the end tells nothing, and would thin out what does.
    ///
    /// - Parameters:
    ///   - posts: when POSTs left, in order.
    ///   - free: when the slot was free again after each of them that was answered.
    ///   - run: while jobs waited; all in seconds.
    /// - Returns: milliseconds.
    static func waits(of posts: [Double], free: [Double], run: ClosedRange<Double>) -> [Double] {
        let waits = zip(posts.dropFirst(), free).map { ($0 - $1) * 1_000 }
        let unused = ([run.lowerBound] + free).dropFirst(posts.count).map { (run.upperBound - $0) * 1_000 }
        return waits + unused.filter { $0 > slotLimit }
    }

    private func killedToPolled() async throws -> Quantiles {
        let settings = [
            "MESHMILL_LEASE": "\(Int(lease))s", "MESHMILL_REQUEST_DEADLINE": "5s", "MESHMILL_GRACE": "1s",
        ]
        let jobs = bench.settings.scale.pick(full: 200, quick: 100, tiny: 20)
        let provider = Site.Provider(keys: jobs / 5, window: .seconds(900), slowestGeneration: .seconds(14_400))
        return try await Site.with(bench, provider, settings: settings) { site in
            try await site.submitVariants(jobs)
            return try await site.withWorkers(2) { workers in
                try await site.wait(
                    until: "SELECT count(*) FROM meshmill.jobs WHERE state = 'generating'",
                    reaches: jobs,
                    within: .seconds(60)
                )
                // Past one lease, so that the other may adopt, and past the first polls.
                try await Task.sleep(for: .seconds(lease + 2))
                // One worker may have been quick enough to take all of them; the one that has the most is killed.
                var victim = workers[0]
                var owned: [String] = []
                for worker in workers {
                    let ids = try await bench.sql(
                        """
                        SELECT a.generation_id FROM meshmill.jobs AS j
                        JOIN meshmill.attempts AS a ON a.id = j.attempt_id
                        JOIN meshmill.workers AS w ON w.id = j.worker_id
                        WHERE w.name LIKE '%:\(worker.processID)'
                        """,
                        on: site.connectionString
                    ).compactMap { $0.first.flatMap { $0 } }
                    if ids.count > owned.count { (victim, owned) = (worker, ids) }
                }
                victim.signal(SIGKILL)
                try await victim.wait()
                let killedAt = Date.now
                try await Task.sleep(for: .seconds(lease + bench.settings.scale.pick(full: 8, quick: 8, tiny: 4)))
                let records = try site.log()
                // The log counts from the simulator's start; its last record is as old as it is late.
                let last = records.last?.timeMicroseconds ?? 0
                let since = Double(last) / 1e6 - Date.now.timeIntervalSince(killedAt)
                let mine = Set(owned)
                var polled: [String: Double] = [:]
                for record in records where record.kind == .status {
                    guard let id = record.generationID, mine.contains(id) else { continue }
                    let at = Double(record.timeMicroseconds) / 1e6 - since
                    if at > 0, polled[id] == nil { polled[id] = at * 1_000 }
                }
                guard polled.count == mine.count else {
                    throw BenchError("\(mine.count - polled.count) generations were not polled after the kill")
                }
                return Quantiles(Array(polled.values))
            }
        }
    }
}
