import MeshmillCore
import MeshmillStore

extension World {
    /// What operators and admins do in the middle of everything, and undo a while later; noted where it changed something.
    func befallByPeople(_ fault: FaultKind) async throws {
        switch fault {
        case .keyPaused: try await pauseKey()
        case .tenantPaused: try await pauseTenant()
        case .batchPaused: try await pauseBatch()
        case .switchedOff: try await switchOff()
        case .jobsCancelled: try await act(.cancel, fault)
        case .jobsHeld: try await act(.hold, fault)
        case .jobsRetried: try await act(.retry, fault)
        case .jobsReleased: try await act(.release, fault)
        case .rateLimitChanged, .windowChanged: try await changeRate(fault)
        case .marginChanged: try await changeMargin()
        case .modelChanged: try await changeModel()
        case .quotaChanged: try await changeQuota()
        case .weightChanged:
            let weight = chance.number(1...9)
            try await execute(
                "UPDATE meshmill.tenants SET weight = \(weight) WHERE name = 'default' AND weight <> \(weight)"
            )
            noteIfChanged(fault)
        case .jobsAdded: try await addSomeJobs(chance.number(1...3))
        default: break
        }
    }

    /// Submits again and again while a storm lasts and hardly anything is left to do: idle steps find nothing.
    func submitLater() {
        after(chance.time(around: scenario.window / 3), nil, "somebody may submit") { [self] in
            guard !isQuiet else { return }
            let least = scenario.isDense ? scenario.keys.count : 1
            if observer.unfinishedCount < least {
                try await addSomeJobs(scenario.isDense ? scenario.keys.count * scenario.limit : chance.number(1...3))
            }
            submitLater()
        }
    }

    private func addSomeJobs(_ count: Int) async throws {
        try await addJobs(count, to: chance.pick(batchIDs))
        note(.jobsAdded)
    }

    private func noteIfChanged(_ fault: FaultKind) { if !lastChanges.isEmpty { note(fault) } }

    /// When a person undoes what one did now.
    private func undo(_ label: String, _ action: @escaping () async throws -> Void) {
        after(chance.time(around: scenario.faultLength), nil, label) { [self] in
            try await action()
            wakeAll()
        }
    }

    private func someKey() -> (index: Int, name: String) {
        let index = chance.number(0...scenario.keys.count - 1)
        return (index, "sim-\(index + 1)")
    }

    private func pauseKey() async throws {
        let key = someKey().name
        let wasActive = observer.keyState(named: key) == "active"
        try await execute(ActOnKey(chance.pick([.pause, .drain]), name: key), for: nil)
        if wasActive { note(.keyPaused) }
        undo("key \(key) is resumed") { [self] in try await execute(ActOnKey(.resume, name: key), for: nil) }
    }

    private func pauseTenant() async throws {
        try await execute("UPDATE meshmill.tenants SET paused = true WHERE name = 'default' AND NOT paused")
        noteIfChanged(.tenantPaused)
        undo("the tenant is resumed") { [self] in try await execute("UPDATE meshmill.tenants SET paused = false") }
    }

    private func pauseBatch() async throws {
        let batch = chance.pick(batchIDs)
        try await execute(SetBatchPaused(batchID: batch, isPaused: true), for: nil)
        if lastChanges.contains(where: { $0.table == "batches" && $0.old != $0.new }) { note(.batchPaused) }
        undo("batch \(batch) goes on") { [self] in
            try await execute(SetBatchPaused(batchID: batch, isPaused: false), for: nil)
        }
    }

    private func switchOff() async throws {
        if try await execute(SetSubmitting(false), for: nil).first == true { note(.switchedOff) }
        undo("submitting starts again") { [self] in try await execute(SetSubmitting(true), for: nil) }
    }

    /// Makes a key's limit lower, or its window longer than the provider's, and then puts it right.
    private func changeRate(_ fault: FaultKind) async throws {
        let key = someKey()
        var (changes, back) = (ChangeKey.Changes(), ChangeKey.Changes())
        if fault == .rateLimitChanged {
            let limit = chance.number(scenario.keys[key.index].reserveSlots + 1...scenario.limit)
            if observer.keyRateLimits[Int64(key.index + 1)] != Int64(limit) { note(fault) }
            changes.rateLimit = limit
            back.rateLimit = scenario.limit
        } else {
            changes.rateWindow = scenario.window * Double.random(in: 1.1...2, using: &chance)
            changes.margin = scenario.margin
            back.rateWindow = scenario.window
            back.margin = scenario.margin
            note(fault)
        }
        try await execute(ChangeKey(name: key.name, changes, reason: nil), for: nil)
        undo("the rate of \(key.name) is put right") { [self] in
            try await execute(ChangeKey(name: key.name, back, reason: nil), for: nil)
        }
    }

    private func changeMargin() async throws {
        try await execute(SetMargin(scenario.margin * Double.random(in: 1.1...3, using: &chance)), for: nil)
        noteIfChanged(.marginChanged)
        undo("the margin is put right") { [self] in try await execute(SetMargin(nil), for: nil) }
    }

    /// Pins a model that is stricter than what is pinned, so that it gets the provider right as well.
    private func changeModel() async throws {
        let stricter: [Scenario.Rule] =
            switch scenario.rule {
            case .auto, .slots: [.paced, .strict]
            case .paced: [.strict]
            case .strict: []
            }
        guard !stricter.isEmpty else { return }
        note(.modelChanged)
        try await execute("SELECT meshmill.set_window_model('\(chance.pick(stricter).rawValue)', NULL)")
        undo("the window model is put right") { [self] in
            try await execute("SELECT meshmill.set_window_model('\(scenario.rule.rawValue)', NULL)")
        }
    }

    private func changeQuota() async throws {
        let key = someKey()
        func set(_ limit: Int?) async throws {
            var changes = ChangeKey.Changes()
            changes.monthlyLimit = limit.map { .credits(Int64($0)) } ?? ChangeKey.Changes.MonthlyLimit.none
            try await execute(ChangeKey(name: key.name, changes, reason: nil), for: nil)
        }
        let before = observer.accounts[.key(Int64(key.index + 1))]?.limit
        try await set(chance.happens(0.5) ? chance.number(0...12) : nil)
        if observer.accounts[.key(Int64(key.index + 1))]?.limit != before { note(.quotaChanged) }
        undo("the quota of \(key.name) is put right") { [self] in
            // A quiet end lifts what would keep jobs waiting.
            if scenario.kind == .long || !isQuiet { try await set(scenario.keys[key.index].monthlyLimit) }
        }
        wakeAll()
    }

    /// Acts on a few jobs, whatever they are doing; mostly on some that it applies to.
    private func act(_ action: JobAction, _ fault: FaultKind) async throws {
        let states: Set<String> =
            switch action {
            case .retry: ["failed", "cancelled", "held"]
            case .cancel: ["queued", "scheduled", "submitting", "generating", "downloading"]
            case .hold: ["queued", "scheduled"]
            case .release: ["held"]
            }
        let apt = observer.jobIDs.filter { observer.jobs[$0].map { states.contains($0.state) } ?? false }
        let jobs = apt.isEmpty || chance.happens(0.2) ? observer.jobIDs : apt
        guard !jobs.isEmpty else { return }
        let ids = (0..<chance.number(1...3)).map { _ in chance.pick(jobs) }
        observer.noteAction(action.rawValue)
        let acted = try await execute(
            ActOnJobs(action, jobIDs: Array(Set(ids)).sorted(), reason: "simulation"),
            for: nil
        )
        if !acted.isEmpty { note(fault) }
        wakeAll()
    }
}
