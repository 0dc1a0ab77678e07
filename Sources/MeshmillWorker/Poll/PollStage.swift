import AmaraAPI
import Logging
import MeshmillCore
import MeshmillStore

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
        var count = 0
        var misses = 0
        var position: Int?
        while !Task.isCancelled {
            let wait = schedule.wait(afterPolls: count, queuePosition: position, using: &random)
            guard (try? await Task.sleep(for: wait)) != nil else { return }
            count += 1
            guard let outcome = await poll(generation) else { return }
            switch outcome {
            case .queued(let place, _):
                position = place
                parts.activity.note(.init(percent: 0, queuePosition: place), of: generation.attemptID)
            case .processing(let progress, let step, let place):
                position = nil
                parts.activity.note(
                    .init(percent: progress, step: step, queuePosition: place),
                    of: generation.attemptID
                )
            case .completed(let completed):
                if await download.run(generation, completed) { return }
            case .failed(let message, let isRefunded):
                await fail(generation, code: "generation_failed", message, refunded: isRefunded)
                return
            case .notFound:
                misses += 1
                if misses > Self.misses.count {
                    await fail(generation, code: "lost_upstream", "the provider no longer knows the generation")
                    return
                }
                let scale = TimeScale(window: generation.rateWindow)
                guard (try? await Task.sleep(for: scale(Self.misses[misses - 1]))) != nil else { return }
            case .throttled(let retryAfter):
                let seconds = min(max(retryAfter ?? 15, 1), 60)
                guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
            case .unauthorized, .forbidden, .serverError, .protocolError, .network:
                parts.logger.debug("job \(generation.jobID): poll \(count): \(outcome)")
            }
            if generation.startedAt.duration(to: .now) > parts.settings.generationLimit {
                await fail(generation, code: "timed_out", "no result within \(parts.settings.generationLimit)")
                return
            }
        }
    }

    /// Waits after a 404 for a known id, before it counts as lost.
    private static let misses: [Duration] = [.seconds(10), .seconds(30), .seconds(80)]

    private func poll(_ generation: Generation) async -> StatusOutcome? {
        do {
            return try await polls.withPlace {
                let token = try await parts.tokens.token(ofKey: generation.keyID)
                return await parts.amara.status(of: generation.generationID, token: token, timeout: .seconds(20))
            }
        } catch is CancellationError {
            return nil
        } catch {
            return .protocolError("\(error)")
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
        let result = GenerationResult(
            attemptID: generation.attemptID,
            jobID: generation.jobID,
            batchID: generation.batchID,
            leaseEpoch: generation.leaseEpoch,
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
}
