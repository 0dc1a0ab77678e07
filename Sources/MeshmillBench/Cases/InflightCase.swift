import AmaraSimulator
import Foundation

/// One process that has thousands of generations to ask after.
struct InflightCase: Sendable {
    let bench: Workbench

    private var generations: Int {
        bench.settings.jobs ?? bench.settings.scale.pick(full: 20_000, quick: 4_000, tiny: 40)
    }
    private var keys: Int { bench.settings.keys ?? bench.settings.scale.pick(full: 400, quick: 100, tiny: 10) }
    private var seconds: Int { bench.settings.seconds ?? bench.settings.scale.pick(full: 40, quick: 20, tiny: 4) }

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
                let before = ProcessTable.seconds(of: worker)
                let started = try site.log().last?.timeMicroseconds ?? 0
                let clock = ContinuousClock.now
                var memory = 0.0
                while clock.duration(to: .now) < .seconds(seconds) {
                    memory = max(memory, ProcessTable.residentMiB(of: worker))
                    try await Task.sleep(for: .milliseconds(500))
                }
                let cores = (ProcessTable.seconds(of: worker) - before) / clock.duration(to: .now).inSeconds
                return try report(site, memory: memory, cores: cores, since: started)
            }
        }
    }

    private func report(_ site: Site, memory: Double, cores: Double, since: Int64) throws -> BenchReport {
        var last: [String: Int64] = [:]
        var (gaps, polls) = ([Double](), 0)
        for record in try site.log() where record.kind == .status && record.timeMicroseconds >= since {
            guard let id = record.generationID else { continue }
            polls += 1
            if let before = last[id] { gaps.append(Double(record.timeMicroseconds - before) / 1e6) }
            last[id] = record.timeMicroseconds
        }
        let found = Quantiles(gaps)
        return BenchReport(
            name: BenchCase.inflight.rawValue,
            summary:
                "One worker process with generations that do not end, against a simulated provider on the same machine. "
                + "A generation is asked after every 4 to 6 s; what is beyond that is lateness.",
            settings: BenchRow(
                ("generations", .whole(generations)),
                ("keys", .whole(keys)),
                ("seconds", .whole(seconds))
            ),
            results: [
                BenchRow(
                    ("polled generations", .whole(last.count)),
                    ("polls/s", .number(Double(polls) / Double(seconds))),
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
                BenchBar("poll lateness p99, s", max(found.p99 - 6, 0), .atMost, must: 1, goal: 0.1),
            ]
        )
    }
}
