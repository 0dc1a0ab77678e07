import AmaraAPI
import AmaraSimulator
import MeshmillCore
import MeshmillStore

extension SimulatedWorker {
    /// Waits after a 404 for a known id, before it counts as lost, as `PollStage` has them.
    private static let misses: [Duration] = [.seconds(10), .seconds(30), .seconds(80)]
    /// Times a result is fetched again when what came was no GLB, as `DownloadStage` has it.
    private static let maximumBadFiles = 5

    /// Asks after one generation until it ends, and has its end recorded.
    func poll(_ generation: SimulatedGeneration) {
        pollAgain(generation, count: 0, misses: 0, position: nil)
    }

    private func pollAgain(_ generation: SimulatedGeneration, count: Int, misses: Int, position: Int?) {
        let wait = PollSchedule().wait(afterPolls: count, queuePosition: position, using: &world.chance)
        // A stop leaves the generation to others.
        world.after(wait, self, "poll of job \(generation.jobID)") { [self] in
            guard !isStopping else { return }
            if world.spooledMeshes.contains(generation.generationID) {
                // It is home; only the database has to hear of it.
                return bringHome(generation, expiresIn: nil, count: count + 1)
            }
            world.ask(generation, for: self) { [self] outcome in
                read(outcome, generation, count: count + 1, misses: misses)
            }
        }
    }

    private func read(_ outcome: StatusOutcome, _ generation: SimulatedGeneration, count: Int, misses: Int) {
        var misses = misses
        var position: Int?
        var pause: Duration = .zero
        switch outcome {
        case .queued(let place, _): position = place
        case .processing: break
        case .completed(let completed):
            return bringHome(generation, expiresIn: completed.expiresIn.map { .seconds($0) }, count: count)
        case .failed(let message, let isRefunded):
            return fail(generation, code: "generation_failed", message, refunded: isRefunded)
        case .notFound:
            misses += 1
            if misses > Self.misses.count {
                return fail(generation, code: "lost_upstream", "the provider no longer knows the generation")
            }
            pause = TimeScale(window: generation.rateWindow)(Self.misses[misses - 1])
        case .throttled(let retryAfter): pause = .seconds(min(max(retryAfter ?? 15, 1), 60))
        case .unauthorized, .forbidden, .serverError, .protocolError, .network: break
        }
        if isTooOld(generation) { return fail(generation, code: "timed_out", "no result in time") }
        let seen = misses
        world.after(pause, self, "polls on") { [self] in
            pollAgain(generation, count: count, misses: seen, position: position)
        }
    }

    /// Whether it is above the limit for generations, here in proportion to the window, and not home already.
    private func isTooOld(_ generation: SimulatedGeneration) -> Bool {
        world.now - generation.startedAt > scenario.window * 8
            && !world.spooledMeshes.contains(generation.generationID)
    }

    private func fail(_ generation: SimulatedGeneration, code: String, _ message: String, refunded: Bool? = nil) {
        let backoff = Backoff.generation.scaled(TimeScale(window: generation.rateWindow))
        let job = generation.budget.afterOwnFailure(backoff, using: &world.chance)
        finish(generation, .failed(job, count: .own, code: code, message: message), refunded: refunded) { [self] _ in
            known.remove(generation.attemptID)
            wake()
        }
    }

    private func finish(
        _ generation: SimulatedGeneration,
        _ end: GenerationResult.End,
        refunded: Bool? = nil,
        then: @escaping (Bool) -> Void
    ) {
        let result = GenerationResult(
            attemptID: generation.attemptID,
            jobID: generation.jobID,
            leaseEpoch: generation.leaseEpoch,
            end: end,
            refunded: refunded
        )
        results.submit(result) { then($0) }
    }

    // MARK: Download

    private func bringHome(_ generation: SimulatedGeneration, expiresIn: Duration?, count: Int) {
        download(generation, expiresIn: expiresIn) { [self] isOver in
            if isOver {
                known.remove(generation.attemptID)
            } else if isTooOld(generation) {
                // Completed, and its files have expired: nobody was there to fetch them.
                fail(generation, code: "timed_out", "no result in time")
            } else {
                pollAgain(generation, count: count, misses: 0, position: nil)
            }
        }
    }

    private func download(
        _ generation: SimulatedGeneration,
        expiresIn: Duration?,
        then: @escaping (_ isOver: Bool) -> Void
    ) {
        let statement = BeginDownload(
            jobID: generation.jobID,
            leaseEpoch: generation.leaseEpoch,
            worker: id,
            expiresIn: expiresIn
        )
        world.send(statement, for: self) { [self] result in
            guard case .success(let wanted) = result else { return spoolMesh(generation) { then(false) } }
            guard !wanted.isEmpty else { return then(true) }
            fetch(generation, outputs: wanted.map(\.output), badFiles: 0, then: then)
        }
    }

    private func fetch(
        _ generation: SimulatedGeneration,
        outputs: [String],
        badFiles: Int,
        then: @escaping (_ isOver: Bool) -> Void
    ) {
        guard !isStopping else { return }
        if world.files.contains(generation.generationID) {
            return complete(generation, outputs: outputs, then: then)
        }
        let isSpooled = world.spooledMeshes.contains(generation.generationID)
        receive(generation, isSpooled: isSpooled) { [self] isWhole in
            if isWhole {
                world.files.insert(generation.generationID)
                // Between the rename and the record a crash leaves the file: it is adopted then.
                world.after(world.chance.time(.milliseconds(1) ... .milliseconds(20)), self, "GLB is in place") {
                    self.complete(generation, outputs: outputs, then: then)
                }
            } else if badFiles + 1 < Self.maximumBadFiles {
                world.after(world.chance.time(.milliseconds(300) ... .seconds(1)), self, "fetches again") {
                    self.fetch(generation, outputs: outputs, badFiles: badFiles + 1, then: then)
                }
            } else {
                then(false)
            }
        }
    }

    private func complete(
        _ generation: SimulatedGeneration,
        outputs: [String],
        then: @escaping (_ isOver: Bool) -> Void
    ) {
        let sha256 = String(repeating: "ab", count: 32)
        let mesh = GenerationResult.Mesh(sha256: sha256, bytes: 2_000, outputs: outputs)
        finish(generation, .completed(mesh)) { [self] isAccepted in
            if isAccepted { world.spooledMeshes.remove(generation.generationID) }
            then(true)
        }
    }

    /// Takes the GLB from the spool if it is there, else from the provider.
    private func receive(
        _ generation: SimulatedGeneration,
        isSpooled: Bool,
        then: @escaping (_ isWhole: Bool) -> Void
    ) {
        guard isSpooled else { return world.fetch(generation, for: self, then: then) }
        world.after(world.chance.time(.milliseconds(1) ... .milliseconds(20)), self, "copies a GLB") { then(true) }
    }
}
