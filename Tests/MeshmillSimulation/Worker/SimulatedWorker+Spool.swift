import MeshmillStore
import MeshmillWorker

extension SimulatedWorker {
    /// Records an answer, waiting for the database as long as it takes; meanwhile the spool has it too.
    func settle(_ record: AnswerRecord, then: @escaping (SettleAnswers.Row?) -> Void) {
        unrecorded.insert(record.attemptID)
        answers.submit(record) { [self] row in
            unrecorded.remove(record.attemptID)
            world.spooledAnswers[record.attemptID] = nil
            then(row)
        }
    }

    /// Keeps answers in files, a while after the database did not take them.
    func spoolLater(_ records: [AnswerRecord]) {
        let fresh = records.filter { world.spooledAnswers[$0.attemptID] == nil }
        guard !fresh.isEmpty else { return }
        world.after(WorkerSettings.spoolAfter, self, "spools answers") { [self] in
            for record in fresh where unrecorded.contains(record.attemptID) {
                world.spooledAnswers[record.attemptID] = SpooledAnswer(record, worker: id)
            }
        }
    }

    /// Records answers that lie in files: of a worker that ended while the database was away, or of this one.
    func emptySpool() {
        for (attemptID, answer) in world.spooledAnswers.sorted(by: { $0.key < $1.key }) {
            world.send(SettleSpooledAnswer(answer), for: self) { [self] result in
                guard case .success = result, world.spooledAnswers.removeValue(forKey: attemptID) != nil else { return }
                world.note(.answerSpooled)
            }
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
