import AmaraSimulator
import Foundation

/// The whole job as a user does it: a folder of images, keys with short windows, some trouble.
struct FolderCase: Sendable {
    let bench: Workbench

    private static let window = 6.0
    private static let limit = 5
    private static let generation = 3.0
    private static let backendErrors = 0.03
    private static let failures = 0.02
    /// What a key with little left still has.
    private static let spare = 3

    private var jobs: Int { bench.settings.jobs ?? bench.settings.scale.pick(full: 400, quick: 200, tiny: 10) }
    private var keys: Int { bench.settings.keys ?? bench.settings.scale.pick(full: 20, quick: 20, tiny: 20) }

    private struct Run {
        var seconds: Double
        var throttled: Int
        var quotaRefusals: Int
        var paidTwice: Int
        var missing: Int
        /// POSTs of a worker that had no answer when it was killed.
        var unanswered = 0
    }

    func run() async throws -> BenchReport {
        bench.say("one run")
        let plain = try await together([])
        bench.say("two workers")
        let calm = try await apart(isKilled: false)
        bench.say("two workers, one killed")
        let killed = try await apart(isKilled: true)
        bench.say("a quarter of the keys with \(Self.spare) credits")
        let uneven = try await together([nil, nil, nil, Self.spare])
        let least = leastSeconds([nil])
        let leastUneven = leastSeconds([nil, nil, nil, Self.spare])
        let runs = [plain, calm, killed, uneven]
        return BenchReport(
            name: BenchCase.folder.rawValue,
            summary:
                "A folder of images from start to last file, as a user runs it: keys with 5 POSTs in any 6 s, generations of "
                + "up to 3 s, 3% of POSTs answered 503, 2% of generations failed. The least possible is whole windows of "
                + "bursts and one generation.",
            settings: BenchRow(
                ("jobs", .whole(jobs)),
                ("keys", .whole(keys)),
                ("least s", .number(least)),
                ("least, uneven s", .number(leastUneven))
            ),
            results: [
                row("run", plain, least), row("two workers", calm, least),
                row("two workers, one killed", killed, least),
                row("run, a quarter of the keys with 3 credits", uneven, leastUneven),
            ],
            bars: [
                BenchBar("makespan ÷ least possible", plain.seconds / least, .atMost, must: 1.15, goal: 1.08),
                BenchBar("with a kill ÷ without", killed.seconds / calm.seconds, .atMost, must: 1.3, goal: 1.1),
                BenchBar("uneven keys ÷ least possible", uneven.seconds / leastUneven, .atMost, must: 1.25, goal: 1.1),
                BenchBar("429s", Double(runs.reduce(0) { $0 + $1.throttled }), .atMost, must: 0),
                BenchBar("missing", Double(runs.reduce(0) { $0 + $1.missing }), .atMost, must: 0),
                BenchBar(
                    "paid twice beyond unanswered",
                    Double(runs.reduce(0) { $0 + max($1.paidTwice - $1.unanswered, 0) }),
                    .atMost,
                    must: 0
                ),
            ]
        )
    }

    private func leastSeconds(_ limits: [Int?]) -> Double {
        let posts = Double(jobs) / (1 - Self.backendErrors) / (1 - Self.failures)
        let least = LeastMakespan(
            keys: (0..<keys).map { limits[$0 % limits.count] },
            limit: Self.limit,
            window: Self.window,
            generation: Self.generation
        )
        return least.seconds(posts: Int(posts)) ?? .nan
    }

    private func provider(_ limits: [Int?]) -> Site.Provider {
        var provider = Site.Provider(keys: keys, limit: Self.limit, window: .seconds(Self.window))
        provider.slowestGeneration = .seconds(Self.generation)
        provider.monthlyLimits = limits
        if bench.settings.scale != .tiny {
            provider.arguments = [
                "--backend-error-rate", "\(Self.backendErrors)", "--failure-rate", "\(Self.failures)",
            ]
        }
        return provider
    }

    private func together(_ limits: [Int?]) async throws -> Run {
        try await Site.with(bench, provider(limits)) { site in
            let pictures = try site.paint(jobs)
            let start = ContinuousClock.now
            try await site.meshmill(["run", pictures, "--out", pictures + "-out", "--yes"], expected: [0, 1])
            return try judge(site, start.duration(to: .now).inSeconds, pictures + "-out", unanswered: 0)
        }
    }

    private func apart(isKilled: Bool) async throws -> Run {
        let settings = ["MESHMILL_LEASE": "3s", "MESHMILL_REQUEST_DEADLINE": "5s", "MESHMILL_GRACE": "1s"]
        return try await Site.with(bench, provider([]), settings: settings) { site in
            let pictures = try site.paint(jobs)
            return try await site.withWorkers(2) { workers in
                let start = ContinuousClock.now
                try await site.meshmill(["submit", pictures, "--out", pictures + "-out", "--yes"])
                var unanswered = 0
                if isKilled {
                    try await site.wait(
                        until: "SELECT count(*) FROM meshmill.jobs WHERE state = 'completed'",
                        reaches: jobs * 2 / 5,
                        within: .seconds(120)
                    )
                    let victim = workers[0]
                    victim.signal(SIGKILL)
                    try await victim.wait()
                    unanswered = try await site.number(
                        """
                        SELECT count(*) FROM meshmill.attempts AS a JOIN meshmill.workers AS w ON w.id = a.worker_id
                        WHERE a.state = 'submitting' AND w.name LIKE '%:\(victim.processID)'
                        """
                    )
                }
                try await site.wait(
                    until: "SELECT count(*) FROM meshmill.jobs WHERE state IN ('completed', 'failed', 'held')",
                    reaches: jobs,
                    within: .seconds(300)
                )
                let seconds = start.duration(to: .now).inSeconds
                return try judge(site, seconds, pictures + "-out", unanswered: unanswered)
            }
        }
    }

    /// Judges by the provider's log and by what lies on disk.
    private func judge(_ site: Site, _ seconds: Double, _ out: String, unanswered: Int) throws -> Run {
        let posts = try site.log().filter { $0.kind == .create }
        var made: [String: Int] = [:]
        for post in posts where post.isAccepted == true && post.outcome != .failed {
            if let fingerprint = post.fingerprint { made[fingerprint, default: 0] += 1 }
        }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []
        return Run(
            seconds: seconds,
            throttled: posts.count { $0.status == 429 },
            quotaRefusals: posts.count { $0.status == 402 },
            paidTwice: made.values.reduce(0) { $0 + $1 - 1 },
            missing: jobs - files.count { $0.hasSuffix(".glb") },
            unanswered: unanswered
        )
    }

    private func row(_ what: String, _ run: Run, _ least: Double) -> BenchRow {
        BenchRow(
            ("run", .text(what)),
            ("makespan s", .number(run.seconds)),
            ("÷ least", .number(run.seconds / least)),
            ("429s", .whole(run.throttled)),
            ("402s", .whole(run.quotaRefusals)),
            ("paid twice", .whole(run.paidTwice)),
            ("missing", .whole(run.missing))
        )
    }
}
