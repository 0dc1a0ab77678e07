import AmaraSimulator
import Foundation
import MeshmillStore

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
        case .workerKilled, .workerFrozen, .workerStopped, .workerStarted: befallWorker(fault)
        case .databaseDown:
            let outage = chance.time(around: min(scenario.lease, scenario.window))
            if chance.happens(0.5) {
                note(fault)
                databaseDownUntil = now + outage
            } else {
                outageAtNextPost = outage
            }
        case .clockForward:
            note(fault)
            skew += chance.time(scenario.margin...scenario.window)
            observer.noteClockStep(at: now)
        case .clockBackward:
            note(fault)
            skew -= chance.time(scenario.margin...scenario.window)
        default: try await befallByPeople(fault)
        }
    }

    private func befallProvider(_ fault: FaultKind) {
        let key = chance.number(0...scenario.keys.count - 1)
        let name = "sim-\(key + 1)"
        switch fault {
        case .outage:
            let outage = Outage(from: now, until: now + chance.time(around: scenario.window))
            provider.faults.outages = [outage]
        case .topUp:
            let org = "org-\(chance.number(1...scenario.orgCredits.count))"
            if provider.setCredits(chance.number(5...50), ofOrg: org, at: now) { note(fault) }
        case .orgDrained:
            let org = "org-\(chance.number(1...scenario.orgCredits.count))"
            if provider.setCredits(chance.number(0...3), ofOrg: org, at: now) { note(fault) }
        case .keyRefused:
            let isScope = chance.happens(0.5)
            let refusal = isScope ? KeyChange(hasMeshgenScope: false) : KeyChange(isDisabled: true)
            guard provider.changeKey(name, refusal, at: now) else { return }
            note(fault)
            after(chance.time(around: scenario.window), nil, "key \(name) works again") { [self] in
                _ = provider.changeKey(name, KeyChange(isDisabled: false, hasMeshgenScope: true), at: now)
            }
        case .providerLimitLowered:
            if provider.changeKey(name, KeyChange(monthlyLimit: chance.number(1...10)), at: now) { note(fault) }
        case .foreignUse:
            let most = scenario.limit
            for _ in 0..<(chance.happens(0.5) ? most : chance.number(1...most)) { useElsewhere(key: key) }
        default: break
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
        note(.foreignUse)
        observer.see(answer.record, at: now)
    }

    /// Lets the database go away while an answer is on its way, and half the time its worker with it.
    func losePost(of worker: SimulatedWorker) {
        guard let outage = outageAtNextPost else { return }
        outageAtNextPost = nil
        note(.databaseDown)
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
        case .workerFrozen where !alive.isEmpty:
            note(fault)
            chance.pick(alive).frozenUntil = now + chance.time(around: scenario.lease)
        case .workerStopped where !alive.isEmpty:
            note(fault)
            chance.pick(alive).stop()
        default: break
        }
        replaceWorkers()
    }

    /// Starts a worker a while after the last one has gone.
    private func replaceWorkers() {
        guard !workers.contains(where: { $0.isAlive && !$0.isStopping }) else { return }
        after(chance.time(around: scenario.lease), nil, "a worker is started") { [self] in
            note(.workerStarted)
            startWorker()
        }
    }

    /// Ends every fault, so that everything that can end must.
    func calm() async throws {
        isQuiet = true
        quietSince = now
        databaseDownUntil = .zero
        outageAtNextPost = nil
        var faults = provider.faults
        faults = FaultSettings()
        faults.arrivalLatency = provider.faults.arrivalLatency
        faults.answerLatency = provider.faults.answerLatency
        faults.readLatency = provider.faults.readLatency
        provider.faults = faults
        for index in scenario.keys.indices {
            let change = KeyChange(isDisabled: false, hasMeshgenScope: true, monthlyLimit: -1)
            _ = provider.changeKey("sim-\(index + 1)", change, at: now)
        }
        // To be topped up by a few credits looks like POSTs that had been counted before they were answered.
        for index in scenario.orgCredits.indices where !scenario.isAlone || scenario.orgCredits[index] < 1_000 {
            _ = provider.setCredits(1_000_000, ofOrg: "org-\(index + 1)", at: now)
        }
        // What is left to do one worker does as well; and its going on is what costs steps.
        let crew = workers.filter { $0.isAlive && !$0.isStopping }
        if crew.isEmpty { startWorker() }
        if chance.happens(0.85) { for worker in crew.dropFirst() { worker.stop() } }
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
        // Limits that were raised at the provider show in no answer while the key is believed to be dry.
        try await execute("UPDATE meshmill.keys SET provider_monthly_used = NULL, provider_monthly_limit = NULL")
        if scenario.isHealedByPeople {
            try await execute("UPDATE meshmill.orgs SET parked_until = meshmill.clock() WHERE parked_until IS NOT NULL")
        }
        wakeAll()
    }

    private func liftCaps() async throws {
        try await execute("UPDATE meshmill.tenants SET monthly_budget = NULL")
        try await execute("UPDATE meshmill.batches SET max_credits = NULL")
    }
}
