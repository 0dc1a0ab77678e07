import AmaraAPI
import AmaraSimulator
import MeshmillCore
import MeshmillStore
import MeshmillWorker

extension SimulatedWorker {
    /// Asks after one generation until it ends, and has its end recorded.
    func poll(_ generation: SimulatedGeneration) {
        pollAgain(SimulatedPoll(of: generation))
    }

    private func pollAgain(_ poll: SimulatedPoll) {
        let wait = PollSchedule().wait(afterPolls: poll.count, queuePosition: poll.position, using: &world.chance)
        world.after(wait, self, "poll of job \(poll.generation.jobID)") { [self] in
            let generation = poll.generation
            poll.count += 1
            // A stop leaves the generation to others, as does who finds it lost.
            if isPollingOver || generation.ownership.state == .lost { return letGo(generation) }
            if world.spooledMeshes.contains(generation.generationID) {
                // It is home; only the database has to hear of it.
                return bringHome(generation, nil) { [self] isOver in
                    if isOver { letGo(generation) } else { pollAgain(poll) }
                }
            }
            ask(poll) { [self] outcome, isCreators in read(outcome, isCreators: isCreators, poll) }
        }
    }

    /// Asks with the key that created the generation, or, the `asker`th time, with one of its siblings.
    private func ask(_ poll: SimulatedPoll, then: @escaping (StatusOutcome, _ isCreators: Bool) -> Void) {
        let generation = poll.generation
        let asker = poll.judge.asker
        guard asker > 0 else {
            return world.ask(generation, withKey: generation.keyName, for: self) { then($0, true) }
        }
        world.send(FindSiblingKeys(keyID: generation.keyID), for: self, timeout: .seconds(10)) { [self] result in
            // Nobody was asked.
            guard case .success(let siblings) = result else { return then(.protocolError("no siblings"), false) }
            let askers = [generation.keyID] + siblings
            let keyID = askers[asker % askers.count]
            if keyID != generation.keyID { world.note(.siblingAsked) }
            world.ask(generation, withKey: "sim-\(keyID)", for: self) { then($0, keyID == generation.keyID) }
        }
    }

    private func read(_ outcome: StatusOutcome, isCreators: Bool, _ poll: SimulatedPoll) {
        let generation = poll.generation
        poll.position = if case .queued(let place, _) = outcome { place } else { nil }
        switch poll.judge.step(after: outcome, isCreators: isCreators, using: &world.chance) {
        case .goesOn: goOn(poll)
        case .waits(let wait): world.after(wait, self, "polls on") { self.goOn(poll) }
        case .downloads(let completed):
            bringHome(generation, completed) { [self] isOver in
                if isOver { letGo(generation) } else { goOn(poll) }
            }
        case .ends(let code, let message, let isRefunded):
            if code == "generation_failed", isRefunded == nil { world.note(.refundUnflagged) }
            fail(generation, code: code, message, refunded: isRefunded)
        }
    }

    private func goOn(_ poll: SimulatedPoll) {
        let generation = poll.generation
        if isPollingOver { return letGo(generation) }
        // The limit for generations, here in proportion to the window.
        let isTooOld = world.now - generation.startedAt > scenario.window * 8
        if isTooOld, !world.spooledMeshes.contains(generation.generationID) {
            return fail(generation, code: "timed_out", "no result in time")
        }
        pollAgain(poll)
    }

    private func letGo(_ generation: SimulatedGeneration) { known.remove(generation.attemptID) }

    private func fail(_ generation: SimulatedGeneration, code: String, _ message: String, refunded: Bool? = nil) {
        let backoff = Backoff.generation.scaled(TimeScale(window: generation.rateWindow))
        let job = generation.budget.afterOwnFailure(backoff, using: &world.chance)
        finish(generation, .failed(job, count: .own, code: code, message: message), refunded: refunded) { [self] _ in
            letGo(generation)
            wake()
        }
    }

    /// Records how a generation ended, once it is known whose it is.
    private func finish(
        _ generation: SimulatedGeneration,
        _ end: GenerationResult.End,
        refunded: Bool? = nil,
        then: @escaping (_ isAccepted: Bool) -> Void
    ) {
        switch generation.ownership.state {
        case .lost: then(false)
        case .pending:
            world.after(.milliseconds(200), self, "waits for its own record") { [self] in
                if isPollingOver { return letGo(generation) }
                finish(generation, end, refunded: refunded, then: then)
            }
        case .ours(let epoch):
            let result = GenerationResult(
                attemptID: generation.attemptID,
                jobID: generation.jobID,
                leaseEpoch: epoch,
                end: end,
                refunded: refunded
            )
            results.submit(result) { then($0) }
        }
    }
}

/// What a worker remembers of a generation between two polls.
private final class SimulatedPoll {
    let generation: SimulatedGeneration
    var judge: PollJudge
    var count = 0
    /// In the provider's queue.
    var position: Int?

    init(of generation: SimulatedGeneration) {
        self.generation = generation
        judge = PollJudge(scale: TimeScale(window: generation.rateWindow))
    }
}

// MARK: Download

extension SimulatedWorker {
    /// Times a result is fetched again when what came was no GLB, as `DownloadStage` has it.
    private static let maximumBadFiles = 5

    /// Downloads and finishes; `completed` is `nil` for a GLB that lies in the spool.
    ///
    /// `then` hears whether the generation is over for this worker; else another poll says more.
    private func bringHome(
        _ generation: SimulatedGeneration,
        _ completed: CompletedGeneration?,
        then: @escaping (_ isOver: Bool) -> Void
    ) {
        guard case .ours(let epoch) = generation.ownership.state, !hasDatabaseTrouble else {
            if completed == nil { return then(false) }
            return spoolMesh(generation) { then(false) }
        }
        let statement = BeginDownload(
            jobID: generation.jobID,
            leaseEpoch: epoch,
            worker: id,
            expiresIn: completed?.expiresIn.map { .seconds($0) }
        )
        world.send(statement, for: self, timeout: .seconds(10)) { [self] result in
            guard case .success(let wanted) = result else {
                if completed == nil { return then(false) }
                return spoolMesh(generation) { then(false) }
            }
            guard !wanted.isEmpty else { return then(true) }
            fetch(Download(generation: generation, epoch: epoch, wanted: wanted.map(\.output), then: then))
        }
    }

    private struct Download {
        let generation: SimulatedGeneration
        let epoch: Int64
        let wanted: [String]
        let then: (_ isOver: Bool) -> Void
    }

    private func fetch(_ download: Download, badFiles: Int = 0) {
        guard !isPollingOver else { return download.then(true) }
        let id = download.generation.generationID
        if world.files.contains(id) {
            // Between the rename and the record a crash leaves the file: it is adopted then.
            return verify(download) { [self] in stillWanted(download) { self.complete(download, outputs: $0) } }
        }
        receive(download.generation) { [self] isWhole in
            guard !isPollingOver else { return download.then(true) }
            if isWhole { return verify(download) { self.publish(download) } }
            guard badFiles + 1 < Self.maximumBadFiles else { return download.then(false) }
            world.after(world.chance.time(.milliseconds(300) ... .seconds(1)), self, "fetches again") {
                self.fetch(download, badFiles: badFiles + 1)
            }
        }
    }

    /// Takes the GLB from the spool if it is there, else from the provider.
    private func receive(_ generation: SimulatedGeneration, then: @escaping (_ isWhole: Bool) -> Void) {
        guard world.spooledMeshes.contains(generation.generationID) else {
            return world.fetch(generation, for: self, then: then)
        }
        world.after(world.chance.time(.milliseconds(1) ... .milliseconds(20)), self, "copies a GLB") { then(true) }
    }

    /// Reads a GLB, with that written down first: whoever dies of it is known by it.
    private func verify(_ download: Download, then: @escaping () -> Void) {
        mark(download, true) { [self] isLost in
            // The next poll finds out that it has another owner.
            if isLost { return download.then(false) }
            if world.isNextReaderDoomed, world.isFaulty { return world.killReader(self) }
            world.after(world.chance.time(.milliseconds(1) ... .milliseconds(20)), self, "has read a GLB") { [self] in
                mark(download, false) { _ in then() }
            }
        }
    }

    private func mark(_ download: Download, _ isVerifying: Bool, then: @escaping (_ isLost: Bool) -> Void) {
        let statement = MarkVerifying(
            jobID: download.generation.jobID,
            leaseEpoch: download.epoch,
            worker: id,
            isVerifying: isVerifying
        )
        world.send(statement, for: self, timeout: .seconds(10)) { result in
            if case .success(let rows) = result { then(rows.isEmpty) } else { then(false) }
        }
    }

    /// The job's outputs as they are just before they are written; what was wanted if the database cannot be asked.
    private func stillWanted(_ download: Download, then: @escaping ([String]) -> Void) {
        let statement = BeginDownload(
            jobID: download.generation.jobID,
            leaseEpoch: download.epoch,
            worker: id,
            expiresIn: nil
        )
        world.send(statement, for: self, timeout: .seconds(10)) { result in
            if case .success(let rows) = result { then(rows.map(\.output)) } else { then(download.wanted) }
        }
    }

    private func publish(_ download: Download) {
        stillWanted(download) { [self] outputs in
            guard let first = download.wanted.first, outputs.contains(first) else {
                return download.then(outputs.isEmpty)
            }
            world.files.insert(download.generation.generationID)
            world.after(world.chance.time(.milliseconds(1) ... .milliseconds(20)), self, "GLB is in place") {
                self.complete(download, outputs: outputs)
            }
        }
    }

    private func complete(_ download: Download, outputs: [String]) {
        let sha256 = String(repeating: "ab", count: 32)
        let mesh = GenerationResult.Mesh(sha256: sha256, bytes: 2_000, outputs: outputs)
        finish(download.generation, .completed(mesh)) { [self] isAccepted in
            if isAccepted { world.spooledMeshes.remove(download.generation.generationID) }
            download.then(true)
        }
    }
}
