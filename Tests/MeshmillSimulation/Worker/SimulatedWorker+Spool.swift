import MeshmillStore
import MeshmillWorker

extension SimulatedWorker {
    /// Records an answer, waiting for the database as long as it takes; after a while the spool has it too.
    func settle(_ record: AnswerRecord, then: @escaping (SettleAnswers.Row?) async throws -> Void) {
        unrecorded.insert(record.attemptID)
        world.after(WorkerSettings.spoolAfter, self, "spools an answer") { [self] in
            guard unrecorded.contains(record.attemptID) else { return }
            world.spooledAnswers[record.attemptID] = SpooledAnswer(record, worker: id)
        }
        answers.submit(record) { [self] row in
            guard row != nil else {
                // It is not in the database, as far as is known; this worker does not leave before the spool has it.
                world.spooledAnswers[record.attemptID] = SpooledAnswer(record, worker: id)
                return try await then(nil)
            }
            unrecorded.remove(record.attemptID)
            world.spooledAnswers[record.attemptID] = nil
            try await then(row)
        }
    }

    /// Records answers that lie in files: of a worker that ended while the database was away, or of this one.
    func emptySpool(then: @escaping (_ isDone: Bool) async throws -> Void) async throws {
        try await record(world.spooledAnswers.keys.sorted()[...], then: then)
    }

    private func record(
        _ attempts: ArraySlice<Int64>,
        then: @escaping (_ isDone: Bool) async throws -> Void
    ) async throws {
        guard let attemptID = attempts.first else { return try await then(true) }
        guard let answer = world.spooledAnswers[attemptID] else {
            return try await record(attempts.dropFirst(), then: then)
        }
        world.send(SettleSpooledAnswer(answer), for: self) { [self] result in
            guard case .success = result else { return try await then(false) }
            world.spooledAnswers[attemptID] = nil
            try await record(attempts.dropFirst(), then: then)
        }
    }

    /// Fetches a GLB into the spool, since the database cannot say where it goes; it expires all the same.
    func spoolMesh(_ generation: SimulatedGeneration, then: @escaping () -> Void) {
        guard !world.spooledMeshes.contains(generation.generationID) else { return then() }
        world.fetch(generation, for: self) { [self] isWhole in
            if isWhole, world.spooledMeshes.insert(generation.generationID).inserted { world.note(.meshSpooled) }
            then()
        }
    }
}
