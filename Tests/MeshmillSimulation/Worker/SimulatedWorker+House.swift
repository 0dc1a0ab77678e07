import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient

extension SimulatedWorker {
    /// One thing after the other; what fails ends the round.
    private typealias Errand = (_ then: @escaping (_ isDone: Bool) async throws -> Void) async throws -> Void

    /// Adopts and tidies, as the product's house does, in its order.
    func keepHouse() {
        guard !isStopping else { return }
        world.after(.zero, self, "house is begun") { [self] in
            try await run(errands(ofRound: houseRounds)[...]) { [self] isDone in
                if isDone { houseRounds += 1 } else { doubtedAt = world.now }
                rest()
            }
        }
    }

    private func rest() {
        world.after(world.chance.time(scenario.houseRest), self, "house is due") { self.keepHouse() }
    }

    private func errands(ofRound round: Int) -> [Errand] {
        var errands: [Errand] = []
        func add<S: Statement>(_ statement: S) {
            errands.append { [self] then in
                world.send(statement, for: self) { result in
                    if case .success = result { try await then(true) } else { try await then(false) }
                }
            }
        }
        let isLong = round.isMultiple(of: scenario.archivesAfter == nil ? 5 : 2)
        if isLong { errands.append { [self] in try await emptySpool(then: $0) } }
        errands.append { [self] then in
            world.send(AdoptOrphans(worker: id, lease: scenario.lease, limit: 500), for: self) { [self] result in
                guard case .success(let orphans) = result else { return try await then(false) }
                adopt(orphans[...]) { try await then(true) }
            }
        }
        add(ResumePausedKeys())
        // A failure is only logged.
        errands.append { [self] then in
            world.send(LearnWindowModel(), for: self) { _ in try await then(true) }
        }
        guard isLong else { return errands }
        add(ChargeDoubts())
        add(BookDrifts())
        add(TurnMonths())
        add(GrowLimits())
        add(FoldBalances())
        add(CloseBatches())
        // By default these have nothing to do for a month, and they are most of what a round costs.
        guard scenario.archivesAfter != nil else { return errands }
        add(ForgetMasterKeys())
        add(ArchiveJobs())
        add(DropMonths())
        return errands
    }

    private func run(
        _ errands: ArraySlice<Errand>,
        then: @escaping (_ isDone: Bool) async throws -> Void
    ) async throws {
        guard let errand = errands.first, !isStopping else { return try await then(true) }
        try await errand { [self] isDone in
            if isDone { try await run(errands.dropFirst(), then: then) } else { try await then(false) }
        }
    }

    /// One after the other; what has to be settled is, before the next.
    private func adopt(_ orphans: ArraySlice<Orphan>, then: @escaping () async throws -> Void) {
        guard let orphan = orphans.first else {
            world.after(.zero, self, "keeps house") { try await then() }
            return
        }
        adopt(orphan) { [self] in adopt(orphans.dropFirst(), then: then) }
    }

    func adopt(_ orphan: Orphan, then: @escaping () -> Void) {
        if let generation = SimulatedGeneration(orphan, at: world.now), orphan.state != .submitting {
            known.insert(orphan.attemptID)
            poll(generation)
            return then()
        }
        settle(.workerLost(orphan, grace: scenario.grace)) { _ in then() }
    }
}
