import AmaraAPI
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Asks after one generation until it ends, and has its end recorded.
struct PollStage: Sendable {
    let parts: WorkerParts
    let polls: Turnstile
    let download: DownloadStage

    /// Polls, downloads, finishes; returns early when cancelled or when the job has another owner.
    func run(_ generation: Generation) async {
        defer { parts.activity.end(generation.attemptID) }
        var schedule = PollSchedule()
        schedule.interval = parts.settings.pollInterval
        schedule.longest = max(schedule.longest, schedule.interval)
        var random = SystemRandomNumberGenerator()
        var judge = PollJudge(scale: TimeScale(window: generation.rateWindow))
        var count = 0
        var position: Int?
        var isFlagged = false
        while !Task.isCancelled {
            let wait = schedule.wait(afterPolls: count, queuePosition: position, using: &random)
            guard (try? await Task.sleep(for: wait)) != nil else { return }
            count += 1
            if generation.ownership.state == .lost {
                parts.logger.warning(
                    "job \(generation.jobID): another worker owns it, or it was cancelled; left to that"
                )
                return
            }
            if await download.hasSpooled(generation) {
                // It is home; only the database has to hear of it.
                if await download.run(generation, nil) { return }
                continue
            }
            guard let (outcome, isCreators) = await poll(generation, asker: judge.asker) else { return }
            position = note(outcome, of: generation)
            switch judge.step(after: outcome, isCreators: isCreators, using: &random) {
            case .goesOn: break
            case .waits(let wait):
                parts.logger.debug("job \(generation.jobID): poll \(count): \(outcome)")
                guard (try? await Task.sleep(for: wait)) != nil else { return }
            case .downloads(let completed):
                if await download.run(generation, completed) { return }
            case .ends(let code, let message, let isRefunded):
                await fail(generation, code: code, message, refunded: isRefunded)
                return
            }
            let age = generation.startedAt.duration(to: .now)
            if age > parts.settings.generationLimit, await !download.hasSpooled(generation) {
                await fail(generation, code: "timed_out", "no result within \(parts.settings.generationLimit)")
                return
            }
            if !isFlagged, age > parts.settings.slowGeneration {
                isFlagged = true
                parts.logger.warning("job \(generation.jobID): generating for \(age) by now; polled on")
            }
        }
    }

    /// Shows where a generation stands.
    ///
    /// - Returns: its place in the provider's queue; `nil` when it has none.
    private func note(_ outcome: StatusOutcome, of generation: Generation) -> Int? {
        switch outcome {
        case .queued(let place, _):
            parts.activity.note(.init(percent: 0, queuePosition: place), of: generation.attemptID)
            return place
        case .processing(let progress, let step, let place):
            parts.activity.note(
                .init(percent: progress, step: step, queuePosition: place),
                of: generation.attemptID
            )
            return nil
        case .completed, .failed, .notFound, .unauthorized, .forbidden, .throttled, .serverError, .protocolError,
            .network:
            return nil
        }
    }

    /// Asks with the key that created the generation, or, the `asker`th time, with one of its siblings.
    ///
    /// - Returns: the answer, and whether the key that created it got it; `nil` when cancelled.
    private func poll(_ generation: Generation, asker: Int) async -> (outcome: StatusOutcome, isCreators: Bool)? {
        do {
            return try await polls.withPlace {
                var keyID = generation.keyID
                if asker > 0 {
                    let siblings = try await parts.database.query(
                        FindSiblingKeys(keyID: generation.keyID),
                        timeout: .seconds(10)
                    )
                    let askers = [generation.keyID] + siblings
                    keyID = askers[asker % askers.count]
                }
                let token = try await parts.tokens.token(ofKey: keyID)
                let outcome = await parts.amara.status(
                    of: generation.generationID,
                    token: token,
                    timeout: .seconds(20)
                )
                return (outcome, keyID == generation.keyID)
            }
        } catch is CancellationError {
            return nil
        } catch {
            // Nobody was asked.
            return (.protocolError("\(error)"), false)
        }
    }

    private func fail(
        _ generation: Generation,
        code: String,
        _ message: String,
        refunded: Bool? = nil
    ) async {
        var random = SystemRandomNumberGenerator()
        let backoff = Backoff.generation.scaled(TimeScale(window: generation.rateWindow))
        let job = generation.budget.afterOwnFailure(backoff, using: &random)
        parts.logger.info("job \(generation.jobID): \(code): \(message)")
        await parts.finish(generation, .failed(job, count: .own, code: code, message: message), refunded: refunded)
        parts.wake.signal()
    }
}

extension WorkerParts {
    /// Records how a generation ended.
    ///
    /// - Returns: whether it was accepted; `false`, and logged, when the job has another owner or fate by now.
    @discardableResult
    func finish(_ generation: Generation, _ end: GenerationResult.End, refunded: Bool? = nil) async -> Bool {
        guard let epoch = await epoch(of: generation) else { return false }
        let result = GenerationResult(
            attemptID: generation.attemptID,
            jobID: generation.jobID,
            leaseEpoch: epoch,
            end: end,
            refunded: refunded
        )
        do {
            if try await results.submit(result) { return true }
            logger.warning(
                "job \(generation.jobID): its end was not taken: another worker owns it, or it was cancelled"
            )
        } catch {
            logger.warning("job \(generation.jobID): its end was not recorded: \(error)")
        }
        return false
    }

    /// Under which epoch a generation's job is this worker's, once its POST's answer is recorded; `nil` if it is not.
    private func epoch(of generation: Generation) async -> Int64? {
        while true {
            switch generation.ownership.state {
            case .ours(let epoch): return epoch
            case .lost: return nil
            case .pending: guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return nil }
            }
        }
    }
}
