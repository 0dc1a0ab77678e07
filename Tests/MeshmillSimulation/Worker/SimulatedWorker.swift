import Foundation
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient

/// A worker process: the product's statements and decisions in the product's order, as steps of a simulation.
///
/// It follows `MeshmillWorker` stage by stage (lease, claim, generate, poll, download, settle); what is missing is only
/// what a simulation replaces: tasks, sleep, HTTP and files.
final class SimulatedWorker {
    let id: UUID
    let name: String
    unowned let world: World
    var isAlive = true
    /// A stopped process: its events wait until then.
    var frozenUntil: Duration = .zero {
        didSet { isFreezeNoticed = false }
    }
    /// Whether something had to wait for its end.
    var isFreezeNoticed = false
    /// Whether it was asked to end in order.
    var isStopping = false

    /// Attempts in hand, or sent without a record of their end.
    var known: Set<Int64> = []
    /// Attempts whose answers this worker is recording.
    var unrecorded: Set<Int64> = []
    /// When a write last failed in a way that leaves open whether it happened.
    var doubtedAt: Duration?
    var postsInFlight = 0
    /// POSTs in a row that never left for want of a connection.
    var networkFailures = 0
    /// Times in a row that the claim loop could not use the database.
    var failures = 0
    var hasDatabaseTrouble: Bool { failures > 0 }
    /// Whether the last claim waited in vain for a row that somebody holds.
    var isHeldUp = false
    var recalledAt: Duration
    var promotedAt: Duration = .zero
    var houseRounds = 0
    /// Counts sleeps of the claim loop, so that a wake and the alarm do not both end one.
    var sleeps = 0
    var isAsleep = false
    var isWoken = false
    /// Whether the claim loop has ended.
    var hasStoppedClaiming = false
    /// Whether a stop has come so far that generations are left to others.
    var isPollingOver: Bool { hasStoppedClaiming && postsInFlight == 0 }
    private var isHandingOver = false
    private var isStopFault = false
    private var isBeating = false
    private var clockWatch = ClockWatch()
    private var lastRead: PostgresTimestamp?
    /// Where claims read on, on a clock that begins with this worker.
    let origin = ContinuousClock.now
    lazy var cursors = ClaimCursors(now: origin.advanced(by: world.now))

    private(set) lazy var answers = SimulatedBatcher<AnswerRecord, SettleAnswers.Row?>(
        self,
        in: world,
        givenUp: nil
    ) { [unowned self] records, then in
        world.send(SettleAnswers(worker: id, answers: records), for: self) { [self] result in
            if case .failure = result { doubtedAt = world.now }
            try await then(
                result.map { rows in records.map { record in rows.first { $0.attemptID == record.attemptID } } }
            )
        }
    }

    private(set) lazy var results = SimulatedBatcher<GenerationResult, Bool>(
        self,
        in: world,
        givenUp: false
    ) { [unowned self] results, then in
        world.send(FinishGenerations(worker: id, results: results), for: self) { result in
            try await then(
                result.map { rows in
                    results.map { one in rows.first { $0.attemptID == one.attemptID }?.isAccepted ?? false }
                }
            )
        }
    }

    init(_ name: String, in world: World) {
        id = world.chance.uuid()
        self.name = name
        self.world = world
        recalledAt = world.now
    }

    var scenario: Scenario { world.scenario }

    // MARK: Lease

    private var heartbeat: Heartbeat {
        Heartbeat(worker: id, name: name, version: "simulated", lease: scenario.lease)
    }

    /// Takes the lease, again and again until it has it, and then sets to work.
    func begin() {
        world.send(heartbeat, for: self, timeout: scenario.lease) { [self] result in
            guard case .success = result else {
                world.after(.seconds(1), self, "begins again") { self.begin() }
                return
            }
            if !isBeating { world.after(scenario.lease / 3, self, "beat is due") { self.beat() } }
            isBeating = true
            // Before anything is claimed: a later look compares with this one.
            watchClock { [self] isDone in
                guard isDone else {
                    world.after(.seconds(1), self, "begins again") { self.begin() }
                    return
                }
                keepHouse()
                world.after(.zero, self, "begins to claim") { try await self.claim() }
            }
        }
    }

    private func beat() {
        world.after(scenario.lease / 3, self, "beat is due") { self.beat() }
        world.send(heartbeat, for: self, timeout: scenario.lease / 3) { [self] result in
            if case .success = result { watchClock { _ in } }
        }
    }

    /// Compares the database's clock with this worker's own, as `ServerWatch` does.
    func watchClock(then: @escaping (_ isDone: Bool) -> Void) {
        let left = world.now
        world.send(ReadClock(), for: self) { [self] result in
            guard case .success(let rows) = result, let read = rows.first else { return then(false) }
            defer { lastRead = read }
            let step = clockWatch.look(read: .microseconds(read.microseconds), left: left, came: world.now)
            guard let step, let since = lastRead, step.least > .milliseconds(10), step.least > scenario.margin / 2
            else { return then(true) }
            world.send(NoteClockStep(since: since, until: read, step: step.most), for: self) { result in
                if case .success = result { then(true) } else { then(false) }
            }
        }
    }

    // MARK: Stop

    /// Ends in order: nothing new; POSTs in flight are answered; then the lease is given back.
    ///
    /// What is not recorded a while after the last POST's deadline is given up: the spool has it.
    func stop(isFault: Bool) {
        isStopping = true
        isStopFault = isFault
        wake()
        world.after(scenario.deadline + .seconds(2), self, "stops waiting for the database") { [self] in
            if !answers.isIdle || !results.isIdle { world.note(.stopGaveUp) }
            try await answers.giveUp()
            try await results.giveUp()
            try await leaveIfDone()
        }
    }

    /// Hands over once a stop has nothing left to wait for.
    func leaveIfDone() async throws {
        guard isStopping, isPollingOver, answers.isIdle, results.isIdle, !isHandingOver else { return }
        isHandingOver = true
        world.send(HandOver(worker: id), for: self, timeout: .seconds(2)) { [self] _ in
            isAlive = false
            if isStopFault { world.note(.workerStopped) }
        }
    }
}
