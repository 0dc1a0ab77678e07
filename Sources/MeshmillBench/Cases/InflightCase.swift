import AmaraSimulator
import Foundation

/// One process that has thousands of generations to ask after.
struct InflightCase: Sendable {
    let bench: Workbench

    /// The most seconds between two polls that are in time.
    private static let longestGap = 6.0

    private var generations: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 20_000, quick: 4_000, tiny: 40)
    }
    private var keys: Int { bench.settings.keys ?? bench.settings.scale.pick(full: 400, quick: 100, tiny: 10) }
    /// Long enough for a poll of each generation.
    private var seconds: Int {
        max(bench.settings.seconds ?? bench.settings.scale.pick(full: 40, quick: 20, tiny: 7), Int(Self.longestGap) + 1)
    }

    func run() async throws -> BenchReport {
        var provider = Site.Provider(keys: keys, window: .seconds(86_400), slowestGeneration: .seconds(7_200))
        provider.limit = min(1_000, generations / keys * 2)
        return try await Site.with(bench, provider) { site in
            bench.say("\(generations) generations: submitting")
            try await site.submitVariants(generations)
            return try await site.withWorkers(1) { workers in
                guard let worker = workers.first?.processID else { throw BenchError("there is no worker") }
                try await site.wait(
                    until: "SELECT count(*) FROM meshmill.attempts WHERE state = 'generating'",
                    reaches: generations,
                    within: .seconds(900)
                )
                // The first polls come sooner than the rest; after them all are in step.
                try await Task.sleep(for: .seconds(bench.settings.scale.pick(full: 15, quick: 15, tiny: 0)))
                bench.say("\(generations) generations: measuring")
                let clock = ContinuousClock.now
                let before = ProcessTable.seconds(of: worker)
                // By the provider's clock, as its latest request tells it.
                let start = try Double(site.log().last?.timeMicroseconds ?? 0) / 1e6
                var memory = 0.0
                while clock.duration(to: .now) < .seconds(seconds) {
                    memory = max(memory, ProcessTable.residentMiB(of: worker))
                    try await Task.sleep(for: .milliseconds(500))
                }
                let elapsed = clock.duration(to: .now).inSeconds
                let cores = (ProcessTable.seconds(of: worker) - before) / elapsed
                return try report(site, memory: memory, cores: cores, stretch: start...(start + elapsed))
            }
        }
    }

    /// How long one generation was not asked after.
    ///
    /// A gap that the stretch cuts off, at either end, is longer than what is seen of it: it counts if that is late
    /// already; shorter ones would only thin out what is late. Without any poll the whole stretch is one gap.
    ///
    /// - Parameters:
    ///   - polls: their times in seconds, in order and all in the stretch.
    ///   - stretch: what was measured.
    /// - Returns: seconds.
    static func gaps(between polls: [Double], in stretch: ClosedRange<Double>) -> [Double] {
        let times = [stretch.lowerBound] + polls + [stretch.upperBound]
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        return gaps.indices.filter { gaps[$0] > longestGap || $0 > 0 && $0 < gaps.count - 1 }.map { gaps[$0] }
    }

    private func report(
        _ site: Site,
        memory: Double,
        cores: Double,
        stretch: ClosedRange<Double>
    ) throws -> BenchReport {
        var polls: [String: [Double]] = [:]
        for record in try site.log() {
            guard let id = record.generationID else { continue }
            let time = Double(record.timeMicroseconds) / 1e6
            if record.isAccepted == true { polls[id] = [] }
            if record.kind == .status, stretch.contains(time) { polls[id, default: []].append(time) }
        }
        let count = polls.values.reduce(0) { $0 + $1.count }
        let unpolled = polls.values.count { $0.isEmpty }
        let found = Quantiles(polls.values.flatMap { Self.gaps(between: $0, in: stretch) })
        return BenchReport(
            name: BenchCase.inflight.rawValue,
            summary:
                "One worker process with generations that do not end, against a simulated provider on the same machine. "
                + "A generation is asked after every 4 to 6 s; what is beyond that is lateness, also of a poll that "
                + "had not come by the end.",
            settings: BenchRow(
                ("generations", .whole(generations)),
                ("keys", .whole(keys)),
                ("seconds", .whole(seconds))
            ),
            results: [
                BenchRow(
                    ("polled generations", .whole(polls.count - unpolled)),
                    ("polls/s", .number(Double(count) / (stretch.upperBound - stretch.lowerBound))),
                    ("resident MiB", .number(memory)),
                    ("cores", .number(cores)),
                    ("gap p50 s", .number(found.p50)),
                    ("gap p99 s", .number(found.p99)),
                    ("gap worst s", .number(found.worst))
                )
            ],
            bars: [
                BenchBar("resident memory, MiB", memory, .atMost, must: 300),
                BenchBar("processor, cores", cores, .atMost, must: 1.3, goal: 1),
                BenchBar("poll lateness p99, s", max(found.p99 - Self.longestGap, 0), .atMost, must: 1, goal: 0.1),
                BenchBar("not polled", Double(unpolled), .atMost, must: 0),
            ]
        )
    }
}
