import AmaraSimulator
import Foundation

/// How many of the POSTs that the rule permits were sent, over keys and workers.
///
/// Utilisation is POSTs sent ÷ POSTs that the replay permits, both counted from the run's start and averaged over all
/// moments of its last full window, so that a POST is missing for as long as it is late, wherever the bursts lie.
struct UtilisationCase: Sendable {
    let bench: Workbench

    private struct Cell {
        var keys: Int
        var workers: Int
        var window: Duration
    }

    private var cells: [Cell] {
        if let keys = bench.settings.keys {
            return [Cell(keys: keys, workers: bench.settings.workers ?? 4, window: Self.window(keys))]
        }
        switch bench.settings.scale {
        case .full:
            return [10, 100, 1_000].flatMap { keys in
                [1, 4, 16].map { Cell(keys: keys, workers: $0, window: Self.window(keys)) }
            }
        case .quick: return [Cell(keys: 100, workers: 4, window: .seconds(15))]
        case .tiny: return [Cell(keys: 5, workers: 2, window: .seconds(1))]
        }
    }

    /// At least 15 s, and at most 100 POSTs a second.
    private static func window(_ keys: Int) -> Duration { .seconds(max(15, keys * 5 / 80)) }

    /// How long a run is, in windows.
    private var windows: Double { bench.settings.scale.pick(full: 3.4, quick: 2.4, tiny: 2.4) }

    func run() async throws -> BenchReport {
        var rows: [BenchRow] = []
        var (least, throttled) = (Double.infinity, 0)
        for cell in cells {
            bench.say("\(cell.keys) keys, \(cell.workers) workers, window \(cell.window)")
            let (row, use, limited) = try await measure(cell)
            rows.append(row)
            least = min(least, use)
            throttled += limited
        }
        return BenchReport(
            name: BenchCase.utilisation.rawValue,
            summary:
                "POSTs sent by real workers against a simulated provider with an exact sliding window, as a share of those "
                + "that the slot rule permits by a replay with the observed answer times. Both are counted from the "
                + "start and averaged over the last full window, so that a POST is missing for as long as it is late.",
            settings: BenchRow(("windows", .number(windows)), ("slots a key", .whole(5))),
            results: rows,
            bars: [
                BenchBar("utilisation, the least", least, .atLeast, must: 0.99, goal: 0.995),
                BenchBar("429s", Double(throttled), .atMost, must: 0),
            ]
        )
    }

    private func measure(_ cell: Cell) async throws -> (row: BenchRow, use: Double, throttled: Int) {
        let provider = Site.Provider(keys: cell.keys, window: cell.window, slowestGeneration: .seconds(3_600))
        return try await Site.with(bench, provider) { site in
            try await site.submitVariants(Int(Double(cell.keys * 5) * (windows + 2)))
            try await site.withWorkers(cell.workers) { _ in
                try await site.wait(
                    until: "SELECT count(*) FROM meshmill.attempts WHERE state = 'generating'",
                    reaches: 1,
                    within: .seconds(30)
                )
                try await Task.sleep(for: cell.window * windows)
            }
            let keys = try await attempts(site)
            let (start, replay) = (keys.start, SlotReplay(limit: 5, span: keys.span))
            // The run's last instant at which something could still be claimed and counted.
            let end = cell.window.inSeconds * windows
            let lastWindow = (end - cell.window.inSeconds)...end
            let unused = Array(repeating: [SlotReplay.Post](), count: cell.keys - keys.posts.count)
            var (sent, permitted, lags) = (0.0, 0.0, [Double]())
            for posts in Array(keys.posts.values) + unused {
                let seen = posts.map { SlotReplay.Post(claimed: $0.claimed - start, answered: $0.answered - start) }
                let could = replay.permitted(seen, until: end)
                let claims = seen.map(\.claimed).filter { $0 <= end }
                sent += SlotReplay.meanCount(of: claims, in: lastWindow)
                permitted += SlotReplay.meanCount(of: could, in: lastWindow)
                // What was never sent is as late as the end at least.
                let never = Array(repeating: end, count: max(could.count - claims.count, 0))
                lags += zip(claims + never, could).map { $0 - $1 }
            }
            let throttled = try site.log().count { $0.kind == .create && $0.status == 429 }
            let use = sent / permitted
            let lag = Quantiles(lags.map { $0 * 1_000 })
            let row = BenchRow(
                ("keys", .whole(cell.keys)),
                ("workers", .whole(cell.workers)),
                ("window s", .number(cell.window.inSeconds)),
                ("sent", .number(sent)),
                ("permitted", .number(permitted)),
                ("utilisation", .number(use)),
                ("behind p99 ms", .number(lag.p99)),
                ("429s", .whole(throttled))
            )
            return (row, use, throttled)
        }
    }

    private func attempts(
        _ site: Site
    ) async throws -> (posts: [Int: [SlotReplay.Post]], start: Double, span: Double) {
        let rows = try await bench.sql(
            """
            SELECT a.key_id, extract(epoch FROM a.claimed_at), extract(epoch FROM coalesce(a.answered_at, a.claimed_at)),
                   extract(epoch FROM k.rate_window + k.margin)
            FROM meshmill.attempts AS a JOIN meshmill.keys AS k ON k.id = a.key_id
            WHERE a.state <> 'unsent'
            ORDER BY a.key_id, a.id
            """,
            on: site.connectionString
        )
        var posts: [Int: [SlotReplay.Post]] = [:]
        var (start, span) = (Double.infinity, 0.0)
        for row in rows {
            let numbers = row.compactMap { $0.flatMap(Double.init) }
            guard numbers.count == 4 else { continue }
            posts[Int(numbers[0]), default: []].append(.init(claimed: numbers[1], answered: numbers[2]))
            start = min(start, numbers[1])
            span = numbers[3]
        }
        return (posts, start, span)
    }
}
