import AmaraSimulator
import Foundation
import MeshmillStore

/// Runs scenarios from beginning to end.
package enum Simulation {
    /// Steps after which quiet that has not settled everything never will.
    private static let patience = 60_000
    /// Steps of the shortest run.
    private static let leastSteps = 200

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
        result.statements = world.statements
        result.virtualSeconds = world.now.inSeconds
        result.posts = world.observer.posts
        result.accepted = world.observer.acceptedCount
        result.rateLimited = world.observer.rateLimited
        result.learned = world.observer.learned429
        result.explained = world.observer.explained429
        for (fault, count) in world.tally { result.faults[fault.rawValue] = count }
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
        if scenario.kind == .ladder {
            // It ends in a model that gets this provider right, after about an hour.
            let last = world.observer.lastLearned429
            if last > .seconds(3 * 3_600) { throw Violation(.unlearned, "a 429 after \(last.inSeconds) s") }
            return
        }
        try await world.calm()
        let limit = world.steps + (scenario.isLarge ? patience * 10 : patience)
        let end = world.now + scenario.window * 400
        while world.observer.unfinishedCount > 0 || world.observer.reservedCount > 0 || world.steps < leastSteps,
            world.steps < limit, world.now < end
        {
            guard try await world.step() else { break }
        }
        world.observer.checkEnd()
        try world.observer.verdict()
        for check in try await world.execute(RunAudit(rows: 3), for: nil) where check.violations > 0 {
            throw Violation(.auditFailed, "\(check.name): \(check.findings)")
        }
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
        for (name, exchanges) in world.observer.exchanges.sorted(by: { $0.key < $1.key }) {
            let permitted = IdealUse.posts(
                exchanges,
                limit: scenario.limit,
                rest: scenario.window + scenario.margin,
                pace: scenario.pace,
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
