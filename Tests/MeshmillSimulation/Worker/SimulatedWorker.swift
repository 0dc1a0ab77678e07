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
    var frozenUntil: Duration = .zero
    /// Whether it was asked to end in order.
    var isStopping = false

    /// Attempts in hand.
    var known: Set<Int64> = []
    /// Attempts whose answers this worker is recording.
    var unrecorded: Set<Int64> = []
    /// When a write last failed in a way that leaves open whether it happened.
    var doubtedAt: Duration?
    var postsInFlight = 0
    /// POSTs in a row that never left for want of a connection.
    var networkFailures = 0
    var failures = 0
    var promotedAt: Duration = .zero
    var houseRounds = 0
    /// Counts sleeps of the claim loop, so that a wake and the alarm do not both end one.
    var sleeps = 0
    var isAsleep = false
    var isWoken = false
    /// Whether the claim loop has ended.
    var hasStoppedClaiming = false
    private var isHandingOver = false
    private var clockWatch = ClockWatch()
    private var lastRead: PostgresTimestamp?
    /// Where claims read on, on a clock that begins with this worker.
    let origin = ContinuousClock.now
    lazy var cursors = ClaimCursors(now: origin.advanced(by: world.now))

    private(set) lazy var answers = SimulatedBatcher<AnswerRecord, SettleAnswers.Row?>(
        self,
        in: world,
        onFailure: { [unowned self] in spoolLater($0) }
    ) { [unowned self] records, then in
        world.send(SettleAnswers(worker: id, answers: records), for: self) { [self] result in
            if case .failure = result { doubtedAt = world.now }
            try await then(
                result.map { rows in records.map { record in rows.first { $0.attemptID == record.attemptID } } }
            )
        }
    }

    private(set) lazy var results = SimulatedBatcher<GenerationResult, Bool>(self, in: world) {
        [unowned self] results, then in
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
            world.after(scenario.lease / 3, self, "beat is due") { self.beat() }
            claim()
            keepHouse()
        }
    }

    private func beat() {
        world.after(scenario.lease / 3, self, "beat is due") { self.beat() }
        world.send(heartbeat, for: self, timeout: scenario.lease / 3) { [self] result in
            if case .success = result { watchClock() }
        }
    }

    /// Compares the database's clock with this worker's own, as `ServerWatch` does.
    private func watchClock() {
        let left = world.now
        world.send(ReadClock(), for: self) { [self] result in
            guard case .success(let rows) = result, let read = rows.first else { return }
            defer { lastRead = read }
            let step = clockWatch.look(read: .microseconds(read.microseconds), left: left, came: world.now)
            guard let step, let since = lastRead, step.least > .milliseconds(10), step.least > scenario.margin / 2
            else { return }
            world.send(NoteClockStep(since: since, until: read, step: step.most), for: self) { _ in }
        }
    }

    /// Ends in order: nothing new; POSTs in flight are answered; then the lease is given back.
    func stop() {
        isStopping = true
        wake()
        leaveIfDone()
    }

    /// Hands over once a stop has nothing left to wait for.
    func leaveIfDone() {
        guard isStopping, hasStoppedClaiming, postsInFlight == 0, answers.isIdle, results.isIdle, !isHandingOver
        else { return }
        isHandingOver = true
        world.send(HandOver(worker: id), for: self, timeout: .seconds(5)) { [self] _ in isAlive = false }
    }

    // MARK: House

    func keepHouse() {
        guard !isStopping else { return }
        world.send(AdoptOrphans(worker: id, lease: scenario.lease, limit: 500), for: self) { [self] result in
            let rest = world.chance.time(scenario.houseRest)
            guard case .success(let orphans) = result else {
                doubtedAt = world.now
                world.after(rest, self, "house is due") { self.keepHouse() }
                return
            }
            adopt(orphans[...]) { [self] in
                if houseRounds.isMultiple(of: 5) { emptySpool() }
                world.send(ResumePausedKeys(), for: self) { _ in }
                world.send(LearnWindowModel(), for: self) { _ in }
                if houseRounds.isMultiple(of: 5) {
                    world.send(FoldBalances(), for: self) { _ in }
                    world.send(ChargeDoubts(), for: self) { _ in }
                    world.send(BookDrifts(), for: self) { _ in }
                    world.send(TurnMonths(), for: self) { _ in }
                    world.send(GrowLimits(), for: self) { _ in }
                    world.send(CloseBatches(), for: self) { _ in }
                }
                houseRounds += 1
                world.after(rest, self, "house is due") { self.keepHouse() }
            }
        }
    }

    /// One after the other, as the product's house does; what has to be settled is, before the next round.
    private func adopt(_ orphans: ArraySlice<Orphan>, then: @escaping () -> Void) {
        guard let orphan = orphans.first else { return then() }
        adopt(orphan) { [self] in adopt(orphans.dropFirst(), then: then) }
    }

    func adopt(_ orphan: Orphan, then: @escaping () -> Void) {
        if let generation = SimulatedGeneration(orphan, at: world.now), orphan.state != .submitting {
            known.insert(orphan.attemptID)
            poll(generation)
            return then()
        }
        let context = AnswerEffect.Context(
            window: orphan.rateWindow,
            margin: Margin.standard(forWindow: orphan.rateWindow),
            grace: scenario.grace,
            budget: orphan.budget
        )
        let effect = AnswerEffect(
            .workerLost,
            message: "its worker ended before the answer to the POST was recorded",
            code: "unknown_worker_lost",
            context,
            provider: .silent
        )
        settle(AnswerRecord(attemptID: orphan.attemptID, effect: effect)) { _ in then() }
    }
}
