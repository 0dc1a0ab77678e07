package import AmaraAPI
import Artifacts
import CrashPoints
import Logging
package import MeshmillCore
package import MeshmillStore
import PostgresClient

/// Sends one POST for a claimed attempt and has its end recorded, whatever it was.
struct GenerateStage: Sendable {
    let parts: WorkerParts

    /// From the claim to the record of the answer.
    ///
    /// - Parameters:
    ///   - attempt: what was claimed.
    ///   - claimedAt: read before the claim was sent; the fence and the deadline count from it.
    ///   - startPolling: takes over an accepted generation.
    func run(
        _ attempt: ClaimedAttempt,
        claimedAt: ContinuousClock.Instant,
        startPolling: (Generation) -> Void
    ) async {
        let (outcome, obstacle) = await send(attempt, claimedAt: claimedAt)
        CrashPoint.beforeSettle.reached()
        let ownership = Ownership(.pending)
        if case .accepted(let accepted) = outcome {
            // Before the answer is recorded: the result expires whether or not the database is there to take it.
            startPolling(
                Generation(
                    attempt,
                    generationID: accepted.generationID,
                    ownership: ownership,
                    startedAt: claimedAt
                )
            )
        }
        let row = await record(outcome, obstacle, of: attempt)
        CrashPoint.afterSettle.reached()
        ownership.settle(row, claimedUnder: attempt.leaseEpoch)
        // The key may have another slot free, and the job may go on with another key.
        parts.wake.signal()
        // Who polls lets go of it, unless it is lost to the record.
        if case .accepted = outcome, row != nil { return }
        parts.activity.end(attempt.attemptID, isRecorded: row != nil)
    }

    /// What keeps a POST from being put together here, before the provider has anything to do with it.
    private struct Obstacle {
        let code: String
        let message: String
        /// What becomes of the job, if not what becomes of one whose POST did not leave.
        var job: AnswerEffect.Job?
        var count: AnswerEffect.Count = .none
    }

    private func send(
        _ attempt: ClaimedAttempt,
        claimedAt: ContinuousClock.Instant
    ) async -> (CreateOutcome, Obstacle?) {
        do {
            let key = try ArtifactKey(
                .inputs,
                sha256: attempt.inputSHA256,
                fileExtension: attempt.inputFormat == "jpeg" ? "jpg" : attempt.inputFormat
            )
            async let image = parts.artifacts.get(key, maximumBytes: 8 << 20)
            async let token = parts.tokens.token(ofKey: attempt.keyID)
            let outcome = try await parts.amara.create(
                image: image,
                parameters: GenerationParameters(
                    mode: attempt.mode.flatMap(GenerationMode.init),
                    prompt: attempt.prompt,
                    seed: attempt.seed,
                    decimationTarget: attempt.decimationTarget,
                    textureSize: attempt.textureSize
                ),
                token: token,
                fence: claimedAt + WorkerSettings.sendFence,
                deadline: claimedAt + parts.settings.requestDeadline
            )
            parts.activity.noteInputRead()
            return (outcome, nil)
        } catch is CancellationError {
            return (.notSent(.cancelled, provably: true), nil)
        } catch let error as PostgresError where error.isRetryable {
            parts.logger.info("job \(attempt.jobID): not submitted, it waits for its turn again: \(error)")
            return (.notSent(.cancelled, provably: true), Obstacle(code: "database", message: "\(error)"))
        } catch let error as ArtifactError where error.kind == .cancelled {
            return (.notSent(.cancelled, provably: true), nil)
        } catch let error as ArtifactError where error.isOfFile {
            parts.logger.error("job \(attempt.jobID): cannot be submitted: \(error)")
            return (.notSent(.invalidRequest, provably: true), obstacle(error, of: attempt))
        } catch let error as ArtifactError {
            parts.noteStorageTrouble("\(error)")
            return (.notSent(.cancelled, provably: true), Obstacle(code: "storage", message: "\(error)"))
        } catch {
            // Most likely this process has another master key than those that sealed it: others may send the job.
            parts.activity.noteSecretTrouble()
            parts.logger.error("job \(attempt.jobID): cannot be submitted: \(error)")
            return (.notSent(.cancelled, provably: true), Obstacle(code: "secret", message: "\(error)"))
        }
    }

    /// A prepared image that is gone or damaged: tried again, perhaps on another machine, as often as a job may fail.
    ///
    /// Where one after another is missing, it is this worker that does not see what others do: then the jobs have no part
    /// in it, and it stops for a while.
    private func obstacle(_ error: ArtifactError, of attempt: ClaimedAttempt) -> Obstacle {
        guard !parts.activity.noteMissingInput(most: Self.missingInputs) else {
            parts.noteStorageTrouble("one prepared image after another cannot be read: \(error)")
            return Obstacle(code: "input", message: "\(error)")
        }
        let isLast = attempt.budget.failures + 1 >= attempt.budget.maxAttempts
        let wait = TimeScale(window: attempt.rateWindow)(.seconds(60))
        return Obstacle(code: "input", message: "\(error)", job: isLast ? .fail : .schedule(wait), count: .own)
    }

    /// Prepared images in a row that may be missing before it is taken for this worker's fault.
    private static let missingInputs = 3

    private func record(
        _ outcome: CreateOutcome,
        _ obstacle: Obstacle?,
        of attempt: ClaimedAttempt
    ) async -> SettleAnswers.Row? {
        var random = SystemRandomNumberGenerator()
        let context = AnswerEffect.Context(
            window: attempt.rateWindow,
            margin: attempt.margin,
            grace: parts.settings.grace,
            budget: attempt.budget
        )
        var effect = AnswerEffect(outcome, context, using: &random)
        if let obstacle {
            (effect.code, effect.message) = (obstacle.code, obstacle.message)
            if let job = obstacle.job { (effect.job, effect.count) = (job, obstacle.count) }
        }
        let row = await parts.settle(AnswerRecord(attemptID: attempt.attemptID, effect: effect, outcome))
        if effect.outcome != .unsent {
            parts.activity.answered(
                accepted: effect.outcome == .generating,
                isEndpointMissing: outcome.isEndpointMissing
            )
        }
        log(outcome, effect, of: attempt)
        if case .refused(let refusal) = outcome, refusal.kind == .rateLimited { await learn(refusal, of: attempt) }
        return row
    }
}

extension GenerateStage {
    /// What all keys may learn from a 429; a failure is left to housekeeping.
    private func learn(_ refusal: CreateRefusal, of attempt: ClaimedAttempt) async {
        let longest = attempt.rateWindow / .seconds(1)
        if refusal.retryAfter.map({ !(0...max(longest, 1)).contains($0) }) ?? true {
            parts.logger.warning(
                "key \(attempt.keyName): a 429 named no wait between zero and one window; it waits from 1 s to one window",
                metadata: ["retry_after": "\(refusal.retryAfter.map { "\($0)" } ?? "none")"]
            )
        }
        await parts.learnWindowModel()
    }

    private func log(_ outcome: CreateOutcome, _ effect: AnswerEffect, of attempt: ClaimedAttempt) {
        let line = "key \(attempt.keyName), job \(attempt.jobID): \(effect.code ?? ""): \(effect.message ?? "")"
        switch outcome {
        case .notSent(let reason, _) where reason.isOfNetwork:
            // The same for every key and job, so it is said once, until the provider is reached again.
            if parts.activity.noteNetwork(isReached: false) {
                parts.logger.warning(
                    "the provider cannot be reached (\(reason.rawValue.replacing("_", with: " "))); jobs wait until it can"
                )
            }
            parts.logger.debug("\(line)")
        case .notSent, .unknown:
            if effect.message != nil { parts.logger.info("\(line)") }
        case .accepted, .refused:
            if parts.activity.noteNetwork(isReached: true) { parts.logger.notice("the provider is reached again") }
            if effect.message != nil { parts.logger.info("\(line)") }
        }
    }
}

extension CreateOutcome {
    /// Whether there is something at the base URL, but not the API.
    fileprivate var isEndpointMissing: Bool {
        if case .refused(let refusal) = self {
            refusal.kind == .endpointMissing || refusal.kind == .redirected
        } else {
            false
        }
    }
}

extension NotSentReason {
    /// Whether the network, and not this request, is why.
    fileprivate var isOfNetwork: Bool {
        switch self {
        case .nameNotResolved, .connectionFailed, .connectTimeout, .tlsFailed, .proxyFailed, .connectionLost: true
        case .fencePassed, .deadlinePassed, .cancelled, .invalidRequest: false
        }
    }
}

extension AnswerRecord {
    /// What an answer said, beside its effect.
    package init(attemptID: Int64, effect: AnswerEffect, _ outcome: CreateOutcome) {
        switch outcome {
        case .accepted(let accepted):
            self.init(
                attemptID: attemptID,
                effect: effect,
                generationID: accepted.generationID,
                httpStatus: 200,
                creditsRemaining: accepted.creditsRemaining,
                keyMonthlyUsed: accepted.keyMonthlyUsed,
                keyMonthlyLimit: accepted.keyMonthlyLimit
            )
        case .refused(let refusal):
            self.init(
                attemptID: attemptID,
                effect: effect,
                httpStatus: refusal.status,
                creditsRemaining: refusal.creditsRemaining,
                rateLimit: refusal.kind == .rateLimited
                    ? StatedRateLimit(
                        limit: refusal.rateLimit?.limit,
                        used: refusal.rateLimit?.used,
                        remaining: refusal.rateLimit?.remaining,
                        retryAfter: refusal.retryAfter
                    ) : nil
            )
        case .unknown(let unknown):
            self.init(attemptID: attemptID, effect: effect, httpStatus: unknown.status)
        case .notSent:
            self.init(attemptID: attemptID, effect: effect)
        }
    }
}
