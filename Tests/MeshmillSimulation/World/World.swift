import AmaraSimulator
import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient

/// One run: a virtual clock, a provider, a database, workers and what befalls them, one step after the other.
///
/// A step is one thing that happens at once: a statement is executed, a POST is counted, an answer is read, a worker is
/// killed. Which comes next follows from the seed alone, so a run repeats exactly; between any two steps anything else
/// may happen, and after each the observer looks.
final class World {
    let scenario: Scenario
    let database: SimulationDatabase
    let observer: Observer
    let trace: ((String) -> Void)?

    private(set) var now: Duration = .zero
    private var agenda = Agenda()
    private(set) var steps = 0
    private(set) var statements = 0
    var tally: [FaultKind: Int] = [:]
    var chance: Chance
    var provider: Provider
    var workers: [SimulatedWorker] = []
    /// How far the database's clock was stepped.
    var skew: Duration = .zero
    var databaseDownUntil: Duration = .zero
    /// How long the database will be away as soon as the next POST is counted.
    var outageAtNextPost: Duration?
    var isQuiet = false
    var quietSince: Duration = .zero
    /// GLBs that stand in their output folders, by generation: what a crash after the rename leaves.
    var files: Set<String> = []
    /// What the database could not take yet: files that all workers share and that outlive each of them.
    var spooledAnswers: [Int64: SpooledAnswer] = [:]
    /// GLBs in the spool, by generation.
    var spooledMeshes: Set<String> = []
    var nextImage = 0
    var batchIDs: [Int64] = []

    init(
        _ scenario: Scenario,
        database: SimulationDatabase,
        trace: ((String) -> Void)? = nil
    ) {
        self.scenario = scenario
        self.database = database
        self.trace = trace
        chance = Chance(seed: scenario.seed, stream: 2)
        provider = Provider(scenario.providerConfiguration)
        observer = Observer(scenario)
    }

    /// Whether things go wrong at present.
    var isFaulty: Bool { !isQuiet && !scenario.faults.isEmpty }

    // MARK: Time

    /// The database's clock.
    var databaseInstant: Int64 { observer.databaseInstant(now, skew: skew) }

    /// Enters something into the agenda; see ``Agenda/Entry/owner``.
    func after(
        _ delay: Duration,
        _ owner: SimulatedWorker? = nil,
        _ label: String,
        _ action: @escaping () async throws -> Void
    ) {
        agenda.add(at: now + max(delay, .zero), owner, label, action)
    }

    /// Lets the next thing happen; `false` when there is none.
    ///
    /// - Throws: ``Violation``, or what the database does.
    func step() async throws -> Bool {
        guard let entry = agenda.next() else { return false }
        now = max(now, entry.instant)
        if let owner = entry.owner {
            guard owner.isAlive else { return true }
            if owner.frozenUntil > now {
                agenda.add(at: owner.frozenUntil, owner, entry.label, entry.action)
                return true
            }
        }
        steps += 1
        if let trace { trace("\(now.inSeconds)s \(entry.owner?.name ?? "world"): \(entry.label)") }
        try await entry.action()
        try observer.verdict()
        return true
    }

    func note(_ fault: FaultKind) {
        tally[fault, default: 0] += 1
        if let trace { trace("\(now.inSeconds)s fault: \(fault.rawValue)") }
    }

    /// Lets everything go that refers to everything else.
    func dismantle() {
        agenda = Agenda()
        workers = []
    }

    // MARK: The database

    /// Sends a statement for a worker: it is executed a little later, and answered a little later still, or not.
    ///
    /// After `timeout` the worker gives up, whatever became of the statement. `then` hears of the rows, or of a failure
    /// that leaves open what became of it.
    func send<S: Statement>(
        _ statement: S,
        for worker: SimulatedWorker,
        timeout: Duration = .seconds(30),
        then: @escaping (Result<[S.Row], StatementFailure>) async throws -> Void
    ) {
        var there = chance.time(.microseconds(100) ... .milliseconds(3))
        var back = chance.time(.microseconds(100) ... .milliseconds(3))
        var isLost = false
        var isAnswerLost = false
        if !isQuiet, chance.happens(scenario.statementFaultRate) {
            switch chance.number(0...3) {
            case 0:
                isLost = true
                note(.statementLost)
            case 1:
                isAnswerLost = true
                note(.commitAnswerLost)
            case 2:
                there = chance.time(.milliseconds(300) ... .seconds(4))
                note(.databaseSlow)
            default:
                back = chance.time(.milliseconds(300) ... .seconds(4))
                note(.databaseSlow)
            }
        }
        let isLocked = isFaulty && S.self == SettleAnswers.self && chance.happens(0.04)
        if isLocked { note(.rowsLocked) }
        let given = now + timeout
        if there > timeout { after(timeout, worker, "\(S.name) timed out") { try await then(.failure(.timedOut)) } }
        let isTimedOut = there > timeout
        after(there, nil, S.name) { [self] in
            if isLost || databaseDownUntil > now {
                if !isTimedOut { after(back, worker, "\(S.name) failed") { try await then(.failure(.connectionLost)) } }
                return
            }
            let rows: [S.Row]
            do {
                rows = try await execute(statement, for: worker, whileLocked: isLocked)
            } catch let failure as StatementFailure {
                if !isTimedOut { after(back, worker, "\(S.name) failed") { try await then(.failure(failure)) } }
                return
            }
            if isTimedOut { return }
            if isAnswerLost {
                after(back, worker, "\(S.name) failed") { try await then(.failure(.connectionLost)) }
            } else if now + back > given {
                after(given - now, worker, "\(S.name) timed out") { try await then(.failure(.timedOut)) }
            } else {
                after(back, worker, "\(S.name) answered") { try await then(.success(rows)) }
            }
        }
    }

    /// Executes a statement at once; `nil` is a person.
    ///
    /// `isLocked` says that somebody else holds the rows of tenants and batches meanwhile.
    @discardableResult
    func execute<S: Statement>(
        _ statement: S,
        for worker: SimulatedWorker?,
        whileLocked isLocked: Bool = false
    ) async throws -> [S.Row] {
        statements += 1
        do {
            let (rows, changes) = try await database.run(statement, at: databaseInstant, whileLocked: isLocked)
            observer.see(changes, by: worker?.id, at: now, skew: skew)
            if scenario.isLarge, statements.isMultiple(of: 20_000) { try await database.tidy() }
            return rows
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            throw StatementFailure.locked
        } catch let error as PostgresError {
            throw Violation(.statementFailed, "\(S.name): \(error)")
        }
    }

    /// Executes SQL of a person at once.
    @discardableResult
    func execute(_ sql: String) async throws -> [[String?]] {
        statements += 1
        do {
            let (rows, changes) = try await database.run(sql, at: databaseInstant)
            observer.see(changes, by: nil, at: now, skew: skew)
            return rows
        } catch let error as PostgresError {
            throw Violation(.statementFailed, "\(sql): \(error)")
        }
    }
}

/// Why a worker has no answer from the database; either way the statement may have been executed.
enum StatementFailure: Error {
    case connectionLost, timedOut
    /// Somebody holds a row that it needs; it was not executed.
    case locked
}
