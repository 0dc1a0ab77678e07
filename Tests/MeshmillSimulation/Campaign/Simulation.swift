import AmaraSimulator
import Foundation
import MeshmillStore

/// Runs scenarios from beginning to end.
package enum Simulation {
    /// Steps after which quiet that has not settled everything never will.
    private static let patience = 60_000
    /// By when a ladder has ended in the right model.
    ///
    /// Source: KEYPOOL section 4.4, "within about an hour".
    private static let learningTime: Duration = .seconds(5_400)

    /// Runs one seed in a database of its own; `trace` hears each step, for a replay.
    ///
    /// It throws what setting the database up throws; a violation is in the result.
    package static func run(
        seed: UInt64,
        kind: Scenario.Kind,
        trace: ((String) -> Void)? = nil
    ) async throws -> SeedResult {
        try await SimulationDatabase.with { database in
            try await run(Scenario(seed: seed, kind: kind), database: database, trace: trace)
        }
    }

    /// The version of the PostgreSQL that seeds run on.
    package static func serverVersion() async throws -> String {
        try await SimulationDatabase.with { try await $0.version() }
    }

    static func run(
        _ scenario: Scenario,
        database: SimulationDatabase,
        trace: ((String) -> Void)? = nil
    ) async throws -> SeedResult {
        let world = World(scenario, database: database, trace: trace)
        defer { world.dismantle() }
        var result = SeedResult(scenario)
        do {
            try await world.prepare()
            try await play(world, &result)
        } catch let violation as Violation {
            result.violation = violation.description
            if let trace { try await show(world, trace) }
        }
        result.steps = world.steps
        result.faultySteps = world.faultySteps
        result.statements = world.statements
        result.virtualSeconds = world.now.inSeconds
        result.posts = world.observer.posts
        result.accepted = world.observer.acceptedCount
        result.rateLimited = world.observer.rateLimited
        result.learned = world.observer.learned429
        result.explained = world.observer.explained429
        for (fault, count) in world.tally { result.faults[fault.rawValue] = count }
        result.lostCommits = world.lostCommits
        return result
    }

    private static func play(_ world: World, _ result: inout SeedResult) async throws {
        let scenario = world.scenario
        while world.steps < scenario.stormSteps, world.now < scenario.horizon {
            guard try await world.step() else { break }
        }
        if scenario.kind == .saturated {
            return try judgeUse(world, &result)
        }
        if scenario.kind == .ladder { return try await judgeLadder(world) }
        try await world.calm()
        let limit = world.steps + (scenario.isLarge ? patience * 20 : patience)
        // Months that nobody heals end of themselves.
        let end = world.now + (scenario.kind == .long ? .seconds(100 * 86_400) : scenario.window * 400)
        while world.observer.unfinishedCount > 0 || world.observer.reservedCount > 0, world.steps < limit,
            world.now < end
        {
            guard try await world.step() else { break }
        }
        // Its batches have to be closed, and to grow old.
        let old = world.now + (scenario.archivesAfter.map { $0 + scenario.lease * 4 } ?? .zero)
        while world.now < old, world.steps < limit { guard try await world.step() else { break } }
        world.observer.checkEnd()
        try world.observer.verdict()
        if scenario.archivesAfter != nil {
            let old = try await world.execute("SELECT count(*) FROM meshmill.old_jobs").first?.first ?? nil
            for _ in 0..<(old.flatMap { Int($0) } ?? 0) { world.note(.jobsArchived) }
        }
        for check in try await world.execute(RunAudit(rows: 3), for: nil) where check.violations > 0 {
            throw Violation(.auditFailed, "\(check.name): \(check.findings)")
        }
    }

    /// It ends in a model that gets this provider right, and no stricter one, after about an hour.
    private static func judgeLadder(_ world: World) async throws {
        let scenario = world.scenario
        let last = world.observer.lastLearned429
        if last > learningTime { throw Violation(.unlearned, "a 429 after \(last.inSeconds) s") }
        let learned = try await world.execute("SELECT learned FROM meshmill.window_profile").first?.first ?? nil
        let right: [Scenario.Rule] = [.slots, .paced, .strict]
        guard let least = right.first(where: { Scenario.covered(by: $0).contains(scenario.model) }),
            least.rawValue == learned
        else { throw Violation(.unlearned, "it ends in \(learned ?? "no model")") }
    }

    /// Shows what the database holds, for whoever looks for the cause.
    private static func show(_ world: World, _ trace: (String) -> Void) async throws {
        for table in [
            "breaker", "orgs", "keys", "slots", "tenants", "batches", "workers", "jobs", "attempts", "ledger",
        ] {
            trace("-- meshmill.\(table)")
            let order = table == "slots" ? "key_id, ordinal" : "1"
            for row in try await world.execute("SELECT to_jsonb(t) FROM meshmill.\(table) AS t ORDER BY \(order)") {
                trace((row.first ?? nil) ?? "")
            }
        }
    }

    /// What the rule permits until so little before the end that what is sent a trifle late is sent before it.
    ///
    /// Of a few dozen POSTs one more that was due at the very end would be several in a hundred.
    private static func judgeUse(_ world: World, _ result: inout SeedResult) throws {
        let scenario = world.scenario
        let end = world.now - scenario.horizon / 200
        for name in scenario.keys.indices.map({ "sim-\($0 + 1)" }) {
            let exchanges = world.observer.exchanges[name] ?? []
            guard let first = exchanges.first else { throw Violation(.wastedSlots, "key \(name) was never used") }
            // Who begins late wastes what could have been sent before; windows are the database's, by its own clock.
            let permitted = IdealUse.posts(
                [(sent: .zero, took: first.took)] + exchanges.dropFirst(),
                limit: scenario.limit,
                rest: (scenario.window + scenario.margin) * (1 / (1 + scenario.drift)),
                pace: scenario.pace * (1 / (1 + scenario.drift)),
                until: end
            )
            let used = min(exchanges.count, permitted)
            if Double(used) < Double(permitted) * 0.99 {
                throw Violation(.wastedSlots, "key \(name): \(used) POSTs of \(permitted)")
            }
            result.permitted += permitted
            result.used += used
        }
    }
}
