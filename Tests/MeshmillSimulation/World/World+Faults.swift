import AmaraSimulator
import Foundation
import MeshmillStore
import PostgresClient

extension World {
    /// Enters the next fault of the world into the agenda.
    func befallLater() {
        after(chance.time(around: scenario.faultInterval), nil, "something happens") { [self] in
            guard !isQuiet else { return }
            try await befall(chance.pick(scenario.faults))
            befallLater()
        }
    }

    private func befall(_ fault: FaultKind) async throws {
        switch fault {
        case .outage, .topUp, .orgDrained, .keyRefused, .providerLimitLowered, .foreignUse: befallProvider(fault)
        case .workerKilled, .workerFrozen, .workerStopped, .workerStarted, .readerDied: befallWorker(fault)
        case .databaseDown, .commitAnswerLost, .rowsHeld, .clockForward, .clockBackward: befallDatabase(fault)
        default: try await befallByPeople(fault)
        }
    }

    private func befallDatabase(_ fault: FaultKind) {
        switch fault {
        case .databaseDown:
            let outage = chance.time(around: min(scenario.lease, scenario.faultLength))
            if chance.happens(0.5) { databaseDownUntil = now + outage } else { outageAtNextPost = outage }
        case .commitAnswerLost: commitsToLose.insert(chance.pick(Self.commits))
        case .rowsHeld:
            let until = now + chance.time(.milliseconds(50) ... .seconds(3))
            hold = Hold(rows: chance.pick(SimulationDatabase.HeldRows.allCases), until: until)
        case .clockForward:
            note(fault)
            skew += chance.time(scenario.margin...scenario.window)
            observer.noteClockStep(at: now)
        case .clockBackward:
            note(fault)
            skew -= chance.time(scenario.margin...scenario.window)
        default: break
        }
    }

    /// The statements whose COMMIT must have been lost on its way back at some time.
    static let commits = [
        ClaimJobs.name, SettleAnswers.name, BeginDownload.name, FinishGenerations.name, AdoptOrphans.name,
        HandOver.name,
    ]

    private func befallProvider(_ fault: FaultKind) {
        let key = chance.number(0...scenario.keys.count - 1)
        let name = "sim-\(key + 1)"
        let org = "org-\(chance.number(1...scenario.orgCredits.count))"
        switch fault {
        case .outage:
            let outage = Outage(from: now, until: now + chance.time(around: scenario.faultLength))
            provider.faults.outages = [outage]
        case .topUp:
            note(fault)
            topUp(org, by: chance.number(5...50))
        case .orgDrained:
            let left = credits(of: org)
            let drained = left - chance.number(0...3)
            guard drained > 0 else { return }
            note(fault)
            topUp(org, by: -drained)
            guard scenario.kind == .long else { return }
            // Nobody heals it in the end.
            after(chance.time(around: .seconds(86_400)), nil, "\(org) is topped up") { [self] in
                note(.topUp)
                topUp(org, by: drained)
            }
        case .keyRefused:
            let isScope = chance.happens(0.5)
            let refusal = isScope ? KeyChange(hasMeshgenScope: false) : KeyChange(isDisabled: true)
            guard provider.changeKey(name, refusal, at: now) else { return }
            after(chance.time(around: scenario.faultLength), nil, "key \(name) works again") { [self] in
                _ = provider.changeKey(name, KeyChange(isDisabled: false, hasMeshgenScope: true), at: now)
            }
        case .providerLimitLowered: lowerLimit(ofKey: key)
        case .foreignUse:
            let most = scenario.limit
            for _ in 0..<(chance.happens(0.5) ? most : chance.number(1...most)) { useElsewhere(key: key) }
        default: break
        }
    }

    private func credits(of org: String) -> Int {
        provider.state(at: now).orgs.first { $0.name == org }?.credits ?? 0
    }

    private func topUp(_ org: String, by credits: Int) {
        _ = provider.setCredits(self.credits(of: org) + credits, ofOrg: org, at: now)
    }

    /// Lowers a monthly limit at the provider for a while.
    private func lowerLimit(ofKey key: Int) {
        let name = "sim-\(key + 1)"
        let limit = chance.number(1...10)
        let usual = scenario.keys[key].providerMonthlyLimit
        if usual.map({ $0 > limit }) ?? true { note(.providerLimitLowered) }
        _ = provider.changeKey(name, KeyChange(monthlyLimit: limit), at: now)
        let rest: Duration = scenario.kind == .long ? .seconds(86_400) : scenario.faultLength * 2
        after(chance.time(around: rest), nil, "the provider's limit of \(name) is put right") { [self] in
            // A quiet end lifts what would keep jobs waiting.
            guard scenario.kind == .long || !isQuiet else { return }
            _ = provider.changeKey(name, KeyChange(monthlyLimit: usual ?? -1), at: now)
        }
    }

    /// One POST of somebody else with one of our keys.
    func useElsewhere(key: Int) {
        nextImage += 1
        let name = "sim-\(key + 1)"
        var digest = Self.digest(nextImage)
        digest[0] = 1
        let answer = provider.create(
            secret: scenario.secret(ofKey: name),
            request: .success(GenerationRequest(imageSHA256: observer.text(digest))),
            at: now
        )
        if answer.record.isCounted == true { note(.foreignUse) }
        observer.see(answer.record, at: now)
    }

    /// Lets the database go away while an answer is on its way, and half the time its worker with it.
    func losePost(of worker: SimulatedWorker) {
        if isNextPosterStopped, worker.isAlive, !worker.isStopping {
            isNextPosterStopped = false
            worker.stop(isFault: true)
            // For longer than the stop waits for it.
            databaseDownUntil = now + scenario.deadline + .seconds(2) + chance.time(around: scenario.lease)
            return replaceWorkers()
        }
        guard let outage = outageAtNextPost else { return }
        outageAtNextPost = nil
        databaseDownUntil = now + outage
        guard chance.happens(0.5) else { return }
        after(chance.time(.zero...outage), nil, "\(worker.name) dies of it") { [self] in
            guard worker.isAlive, !isQuiet else { return }
            note(.workerKilled)
            worker.isAlive = false
            replaceWorkers()
        }
    }

    private func befallWorker(_ fault: FaultKind) {
        let alive = workers.filter { $0.isAlive && !$0.isStopping }
        switch fault {
        case .workerStarted where alive.count < 5:
            note(fault)
            startWorker()
        case .workerKilled where !alive.isEmpty:
            note(fault)
            chance.pick(alive).isAlive = false
            if chance.happens(0.2) { commitsToLose.insert(AdoptOrphans.name) }
        case .workerFrozen where !alive.isEmpty:
            chance.pick(alive).frozenUntil = now + chance.time(around: scenario.lease)
        case .workerStopped where !alive.isEmpty:
            if chance.happens(0.2) { commitsToLose.insert(HandOver.name) }
            if chance.happens(0.3) { isNextPosterStopped = true } else { chance.pick(alive).stop(isFault: true) }
        // A third death would hold the job, whichever it is.
        case .readerDied: isNextReaderDoomed = tally[.readerDied, default: 0] < 2
        default: break
        }
        replaceWorkers()
    }

    /// Lets a worker die of the GLB that it reads.
    func killReader(_ worker: SimulatedWorker) {
        isNextReaderDoomed = false
        note(.readerDied)
        worker.isAlive = false
        replaceWorkers()
    }

    /// Starts a worker a while after the last one has gone.
    private func replaceWorkers() {
        guard !workers.contains(where: { $0.isAlive && !$0.isStopping }) else { return }
        after(chance.time(around: min(scenario.lease, scenario.faultLength)), nil, "a worker is started") { [self] in
            note(.workerStarted)
            startWorker()
        }
    }

    // MARK: Quiet

    /// Ends every fault, so that everything that can end must.
    func calm() async throws {
        isQuiet = true
        if let trace { trace("\(now.inSeconds)s quiet") }
        quietSince = now
        databaseDownUntil = .zero
        outageAtNextPost = nil
        isNextPosterStopped = false
        commitsToLose = []
        hold = nil
        var faults = FaultSettings()
        faults.arrivalLatency = provider.faults.arrivalLatency
        faults.answerLatency = provider.faults.answerLatency
        faults.readLatency = provider.faults.readLatency
        provider.faults = faults
        // What is left to do one worker does as well; and its going on is what costs steps.
        let crew = workers.filter { $0.isAlive && !$0.isStopping }
        if crew.isEmpty { startWorker() }
        if chance.happens(0.85) { for worker in crew.dropFirst() { worker.stop(isFault: false) } }
        // Months have to come to their own rescue: whatever people did, they undo in time.
        if scenario.kind != .long { try await heal() }
        try await releaseHeld()
        if scenario.isDense, chance.happens(0.75) { try await cancelSurplus() }
        wakeAll()
    }

    /// Cancels most of what still waits its turn: once nothing goes wrong, one job ends like the other.
    private func cancelSurplus() async throws {
        let surplus = observer.jobIDs.filter { observer.jobs[$0]?.state == "queued" }.sorted()
            .dropFirst(scenario.keys.count)
        guard !surplus.isEmpty else { return }
        observer.noteAction(JobAction.cancel.rawValue)
        try await execute(ActOnJobs(.cancel, jobIDs: Array(surplus), reason: "simulation"), for: nil)
    }

    /// Whatever is held, by people, doubts or deaths, is to come to its end as well.
    private func releaseHeld() async throws {
        let held = observer.jobIDs.filter { observer.jobs[$0]?.state == "held" }
        if !held.isEmpty {
            observer.noteAction(JobAction.release.rawValue)
            try await execute(ActOnJobs(.release, jobIDs: held.sorted(), reason: "simulation"), for: nil)
            wakeAll()
        }
        after(scenario.window * 2, nil, "people look for what is held") { [self] in try await releaseHeld() }
    }

    /// Lifts what would keep jobs waiting for longer than a run may take: caps, pauses, an empty account.
    private func heal() async throws {
        for index in scenario.keys.indices {
            let change = KeyChange(isDisabled: false, hasMeshgenScope: true, monthlyLimit: -1)
            _ = provider.changeKey("sim-\(index + 1)", change, at: now)
        }
        // To be topped up by a few credits looks like POSTs that had been counted before they were answered.
        for index in scenario.orgCredits.indices where !scenario.isAlone || scenario.orgCredits[index] < 1_000 {
            topUp("org-\(index + 1)", by: 1_000_000)
        }
        try await execute("UPDATE meshmill.tenants SET paused = false")
        if scenario.isAlone {
            // By then every doubt is decided, and what that left of the caps is used.
            after(scenario.window * 3, nil, "caps are lifted") { [self] in
                try await liftCaps()
                wakeAll()
            }
        } else {
            try await liftCaps()
        }
        try await execute(SetSubmitting(true), for: nil)
        for id in batchIDs { try await execute(SetBatchPaused(batchID: id, isPaused: false), for: nil) }
        var changes = ChangeKey.Changes()
        changes.monthlyLimit = ChangeKey.Changes.MonthlyLimit.none
        for row in try await execute("SELECT name FROM meshmill.keys WHERE monthly_limit IS NOT NULL ORDER BY id") {
            guard let name = row.first ?? nil else { continue }
            try await execute(ChangeKey(name: name, changes, reason: "simulation"), for: nil)
        }
        for index in scenario.keys.indices {
            let name = "sim-\(index + 1)"
            let state = observer.keyState(named: name)
            if state == "paused" || state == "draining" || state != "active" && scenario.isHealedByPeople {
                try await execute(ActOnKey(.resume, name: name), for: nil)
            }
        }
        guard scenario.isHealedByPeople else { return }
        // Limits that were raised at the provider show in no answer while the key is believed to be dry.
        try await execute("UPDATE meshmill.keys SET provider_monthly_used = NULL, provider_monthly_limit = NULL")
        try await execute("UPDATE meshmill.orgs SET parked_until = meshmill.clock() WHERE parked_until IS NOT NULL")
    }

    private func liftCaps() async throws {
        try await execute("UPDATE meshmill.tenants SET monthly_budget = NULL")
        try await execute("UPDATE meshmill.batches SET max_credits = NULL")
    }
}
