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
    /// Steps until the storm was over.
    private(set) var faultySteps = 0
    var tally: [FaultKind: Int] = [:]
    /// Statements that changed rows and whose worker never heard of it, by name.
    private(set) var lostCommits: [String: Int] = [:]
    /// What the last statement changed.
    private(set) var lastChanges: [RowChange] = []
    var chance: Chance
    var provider: Provider
    var workers: [SimulatedWorker] = []
    /// How far the database's clock was stepped.
    var skew: Duration = .zero
    /// How long the database is away; whoever finds it so first is noted.
    var databaseDownUntil: Duration = .zero {
        didSet { isOutageNoticed = false }
    }
    private var isOutageNoticed = false
    /// How long the database will be away as soon as the next POST is counted.
    var outageAtNextPost: Duration?
    /// Whether the worker of the next POST that is counted is stopped, and the database away meanwhile.
    var isNextPosterStopped = false
    /// Statements of which the next that changes a row loses its answer.
    var commitsToLose: Set<String> = []
    /// Rows that a session of somebody else holds.
    var hold: Hold?
    /// Whether the next worker that reads a GLB dies of it.
    var isNextReaderDoomed = false
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
                if !owner.isFreezeNoticed {
                    owner.isFreezeNoticed = true
                    note(.workerFrozen)
                }
                agenda.add(at: owner.frozenUntil, owner, entry.label, entry.action)
                return true
            }
        }
        steps += 1
        if !isQuiet { faultySteps = steps }
        if let trace { trace("\(now.inSeconds)s \(entry.owner?.name ?? "world"): \(entry.label)") }
        try await entry.action()
        try observer.verdict()
        return true
    }

    /// Hears of several writes of one worker that go to the database together.
    func noteBatch() { if isFaulty { note(.writtenTogether) } }

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

    /// Rows of one kind that somebody else's transaction holds.
    struct Hold {
        let rows: SimulationDatabase.HeldRows
        let until: Duration
    }

    /// What befalls one statement on its way there and back.
    private struct Journey {
        var there: Duration
        var back: Duration
        var isLost = false
        var isAnswerLost = false
        var isSlow = false
    }

    private func drawJourney() -> Journey {
        var journey = Journey(
            there: chance.time(.microseconds(100) ... .milliseconds(3)),
            back: chance.time(.microseconds(100) ... .milliseconds(3))
        )
        guard !isQuiet, chance.happens(scenario.statementFaultRate) else { return journey }
        switch chance.number(0...3) {
        case 0: journey.isLost = true
        case 1: journey.isAnswerLost = true
        case 2:
            journey.there = chance.time(.milliseconds(300) ... .seconds(4))
            journey.isSlow = true
        default:
            journey.back = chance.time(.milliseconds(300) ... .seconds(4))
            journey.isSlow = true
        }
        return journey
    }

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
        let journey = drawJourney()
        let back = journey.back
        let given = now + timeout
        let isTimedOut = journey.there > timeout
        if isTimedOut { after(timeout, worker, "\(S.name) timed out") { try await then(.failure(.timedOut)) } }
        after(journey.there, nil, S.name) { [self] in
            func fail(_ failure: StatementFailure) {
                if !isTimedOut { after(back, worker, "\(S.name) failed") { try await then(.failure(failure)) } }
            }
            if isAway() { return fail(.connectionLost) }
            if journey.isLost {
                note(.statementLost)
                return fail(.connectionLost)
            }
            if journey.isSlow { note(.databaseSlow) }
            let rows: [S.Row]
            do {
                rows = try await execute(statement, for: worker)
            } catch let failure as StatementFailure {
                return fail(failure)
            }
            let hasChanged = S.self != Heartbeat.self && !lastChanges.isEmpty
            if hasChanged, S.self == SettleSpooledAnswer.self { note(.answerSpooled) }
            let isLate = isTimedOut || now + back > given
            let isAnswerLost = journey.isAnswerLost || hasChanged && commitsToLose.remove(S.name) != nil
            if hasChanged, isLate || isAnswerLost {
                note(.commitAnswerLost)
                lostCommits[S.name, default: 0] += 1
            }
            if isAnswerLost { return fail(.connectionLost) }
            if isTimedOut { return }
            if isLate {
                after(given - now, worker, "\(S.name) timed out") { try await then(.failure(.timedOut)) }
            } else {
                after(back, worker, "\(S.name) answered") { try await then(.success(rows)) }
            }
        }
    }

    /// Whether the database is away, which somebody notices by asking.
    private func isAway() -> Bool {
        guard databaseDownUntil > now else { return false }
        if !isOutageNoticed {
            isOutageNoticed = true
            note(.databaseDown)
        }
        return true
    }

    /// Executes a statement at once; `nil` is a person, whom nothing keeps waiting.
    @discardableResult
    func execute<S: Statement>(_ statement: S, for worker: SimulatedWorker?) async throws -> [S.Row] {
        statements += 1
        let held = worker == nil || isQuiet ? nil : hold.flatMap { $0.until > now ? $0.rows : nil }
        observer.hear(statement)
        do {
            let (rows, changes) = try await database.run(statement, at: databaseInstant, whileHeld: held)
            lastChanges = changes
            if held != nil, (statement as? ClaimJobs)?.skipsHeld == true || changes.contains(where: \.isPendingBalance)
            {
                note(.rowsHeld)
            }
            observer.see(changes, by: worker?.id, at: now, skew: skew)
            if scenario.isLarge, statements.isMultiple(of: 20_000) { try await database.tidy() }
            return rows
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable && held != nil {
            note(.rowsHeld)
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
            lastChanges = changes
            observer.see(changes, by: nil, at: now, skew: skew)
            return rows
        } catch let error as PostgresError {
            throw Violation(.statementFailed, "\(sql): \(error)")
        }
    }
}

extension RowChange {
    /// Whether it was left to be added to a row that was busy.
    fileprivate var isPendingBalance: Bool { table == "pending_balances" && new != nil }
}

/// Why a worker has no answer from the database; either way the statement may have been executed.
enum StatementFailure: Error {
    case connectionLost, timedOut
    /// Somebody holds a row that it needs; it was not executed.
    case locked
}
