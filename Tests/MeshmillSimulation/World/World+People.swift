import MeshmillStore

extension World {
    /// What operators and admins do in the middle of everything, and undo a while later.
    func befallByPeople(_ fault: FaultKind) async throws {
        let key = "sim-\(chance.number(1...scenario.keys.count))"
        let batch = chance.pick(batchIDs)
        let later = chance.time(around: scenario.window)
        note(fault)
        switch fault {
        case .keyPaused:
            try await execute(ActOnKey(chance.pick([.pause, .drain]), name: key), for: nil)
            after(later, nil, "key \(key) is resumed") { [self] in
                try await execute(ActOnKey(.resume, name: key), for: nil)
                wakeAll()
            }
        case .tenantPaused:
            try await execute("UPDATE meshmill.tenants SET paused = true WHERE name = 'default'")
            after(later, nil, "the tenant is resumed") { [self] in
                try await execute("UPDATE meshmill.tenants SET paused = false")
                wakeAll()
            }
        case .batchPaused:
            try await execute(SetBatchPaused(batchID: batch, isPaused: true), for: nil)
            after(later, nil, "batch \(batch) goes on") { [self] in
                try await execute(SetBatchPaused(batchID: batch, isPaused: false), for: nil)
                wakeAll()
            }
        case .switchedOff:
            try await execute(SetSubmitting(false), for: nil)
            after(min(later, scenario.window), nil, "submitting starts again") { [self] in
                try await execute(SetSubmitting(true), for: nil)
                wakeAll()
            }
        case .jobsCancelled: try await act(.cancel)
        case .jobsHeld: try await act(.hold)
        case .jobsRetried: try await act(.retry)
        case .jobsReleased: try await act(.release)
        case .rateLimitChanged:
            var changes = ChangeKey.Changes()
            changes.rateLimit = chance.number(1...scenario.limit)
            try await execute(ChangeKey(name: key, changes, reason: nil), for: nil)
            after(later, nil, "the rate limit of \(key) is put right") { [self] in
                changes.rateLimit = scenario.limit
                try await execute(ChangeKey(name: key, changes, reason: nil), for: nil)
                wakeAll()
            }
        case .quotaChanged:
            var changes = ChangeKey.Changes()
            changes.monthlyLimit =
                chance.happens(0.5) ? .credits(Int64(chance.number(0...12))) : ChangeKey.Changes.MonthlyLimit.none
            try await execute(ChangeKey(name: key, changes, reason: nil), for: nil)
            wakeAll()
        case .weightChanged:
            try await execute("UPDATE meshmill.tenants SET weight = \(chance.number(1...9)) WHERE name = 'default'")
        case .jobsAdded: try await addJobs(chance.number(1...3), to: batch)
        default: break
        }
    }

    /// Acts on a few jobs, whatever they are doing.
    private func act(_ action: JobAction) async throws {
        let jobs = observer.jobIDs
        guard !jobs.isEmpty else { return }
        let ids = (0..<chance.number(1...3)).map { _ in chance.pick(jobs) }
        observer.noteAction(action.rawValue)
        try await execute(ActOnJobs(action, jobIDs: Array(Set(ids)).sorted(), reason: "simulation"), for: nil)
        wakeAll()
    }
}
