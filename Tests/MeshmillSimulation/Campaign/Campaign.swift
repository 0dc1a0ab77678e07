import Synchronization

/// Many runs in several databases at once.
package struct Campaign: Sendable {
    /// Of so many seeds in a row one is a saturated run, the others are stormy; it takes as long as ten of them, and
    /// among the first thousand are more, so that a short campaign sees each window model used to the full as well.
    private static func saturatedEvery(at seed: UInt64) -> UInt64 { seed < 1_000 ? 12 : 100 }
    /// And one climbs the ladder of window models, which takes as long as a thousand storms.
    private static let ladderEvery: UInt64 = 5_000

    private struct Run: Hashable {
        let seed: UInt64
        let kind: Scenario.Kind
    }

    private let runs: [Run]
    private let databases: Int
    private let mostViolations: Int

    /// - Parameters:
    ///   - first: the first seed.
    ///   - seeds: how many stormy and saturated ones.
    ///   - longSeeds: how many of three months, beside them.
    ///   - hasLadders: whether one seed in 5,000 climbs the ladder.
    ///   - databases: how many run at once, each in its own.
    ///   - mostViolations: after how many it gives up.
    package init(
        first: UInt64 = 1,
        seeds: Int,
        longSeeds: Int = 0,
        hasLadders: Bool = true,
        databases: Int,
        mostViolations: Int = 10
    ) {
        let long = (0..<longSeeds).map { Run(seed: first + UInt64($0), kind: .long) }
        runs =
            long
            + (0..<seeds).map { index in
                let seed = first + UInt64(index)
                let kind = Self.kind(ofSeed: seed)
                return Run(seed: seed, kind: kind == .ladder && !hasLadders ? .stormy : kind)
            }
        self.databases = max(1, databases)
        self.mostViolations = mostViolations
    }

    /// The kind of run that a seed is in a campaign, unless it is one of the long ones.
    package static func kind(ofSeed seed: UInt64) -> Scenario.Kind {
        if seed % ladderEvery == 7 { return .ladder }
        return seed.isMultiple(of: saturatedEvery(at: seed)) ? .saturated : .stormy
    }

    /// What the databases' runs share.
    private final class Progress: Sendable {
        private struct State {
            var next = 0
            var report = CampaignReport()
        }

        private let state: Mutex<State>
        private let start: ContinuousClock.Instant
        private let journal: CampaignJournal?

        init(_ done: [SeedResult], _ journal: CampaignJournal?) {
            var state = State()
            for result in done { state.report.add(result) }
            self.state = Mutex(state)
            self.journal = journal
            start = ContinuousClock.now - .seconds(journal?.seconds ?? 0)
        }

        var report: CampaignReport { state.withLock { $0.report } }

        /// The index of the run that is next; `nil` when there is none, or there were violations enough.
        func next(of count: Int, mostViolations: Int) -> Int? {
            state.withLock { state in
                guard state.next < count, state.report.violations.count < mostViolations else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        func add(_ result: SeedResult) throws -> CampaignReport {
            try state.withLock { state in
                state.report.add(result)
                state.report.seconds = start.duration(to: .now) / .seconds(1)
                try journal?.add(result, seconds: state.report.seconds)
                return state.report
            }
        }
    }

    /// Runs all of it but what a journal has already, or until there are enough violations; `progress` hears of each
    /// run, and of the report with it.
    ///
    /// It throws what setting a database up or writing the journal throws; violations are in the report.
    package func run(
        journal: CampaignJournal? = nil,
        progress hear: @escaping @Sendable (CampaignReport, SeedResult) -> Void = { _, _ in }
    ) async throws -> CampaignReport {
        let wanted = Set(runs)
        let results = (journal?.done ?? []).filter { wanted.contains(Run(seed: $0.seed, kind: $0.kind)) }
        let done = Set(results.map { Run(seed: $0.seed, kind: $0.kind) })
        let runs = runs.filter { !done.contains($0) }
        let progress = Progress(results, journal)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(databases, max(1, runs.count)) {
                group.addTask { try await work(runs, progress, hear) }
            }
            try await group.waitForAll()
        }
        return progress.report
    }

    @concurrent
    private func work(
        _ runs: [Run],
        _ progress: Progress,
        _ hear: @Sendable (CampaignReport, SeedResult) -> Void
    ) async throws {
        try await SimulationDatabase.with { database in
            while let index = progress.next(of: runs.count, mostViolations: mostViolations) {
                let run = runs[index]
                let scenario = Scenario(seed: run.seed, kind: run.kind)
                var result =
                    scenario.isLarge
                    ? try await Simulation.run(seed: run.seed, kind: run.kind)
                    : try await Simulation.run(scenario, database: database)
                if let violation = result.violation, !scenario.isLarge {
                    let again = try await Simulation.run(seed: run.seed, kind: run.kind)
                    result.isRepeated = again.violation == violation && again.steps == result.steps
                }
                hear(try progress.add(result), result)
            }
        }
    }
}
