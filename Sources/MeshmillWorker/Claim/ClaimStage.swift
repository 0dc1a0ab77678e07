import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Claims slots and jobs whenever there may be some, and sleeps exactly until there may be again.
struct ClaimStage: Sendable {
    let parts: WorkerParts
    let stop: StopSignal

    /// Claims and submits until the stop; returns when every POST that was sent has its answer recorded.
    func run(startPolling: @escaping @Sendable (Generation) -> Void) async {
        let generate = GenerateStage(parts: parts)
        await withDiscardingTaskGroup { group in
            var failures = 0
            while !stop.isStopped, !Task.isCancelled {
                do {
                    let claim = try await claim()
                    for attempt in claim.attempts {
                        group.addTask {
                            await generate.run(attempt, claimedAt: claim.at, startPolling: startPolling)
                        }
                    }
                    failures = 0
                    noteDatabaseTrouble(nil)
                    if claim.attempts.count < claim.limit { await sleep() }
                } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                    // Somebody holds a row for long: an operator's transaction, most likely. Others are not kept waiting.
                    await parts.wake.sleep(atMost: .milliseconds(Int.random(in: 50...200)))
                } catch {
                    failures += 1
                    if !(error is CancellationError) { noteDatabaseTrouble("\(error)") }
                    var random = SystemRandomNumberGenerator()
                    try? await Task.sleep(for: Backoff.reconnect.wait(afterFailures: failures, using: &random))
                }
            }
        }
    }

    private struct Claim {
        var attempts: [ClaimedAttempt] = []
        var limit: Int
        /// Read before the claim was sent.
        var at: ContinuousClock.Instant
    }

    private func claim() async throws -> Claim {
        let room = parts.settings.concurrency - parts.activity.inFlight
        let limit = min(room, WorkerSettings.claimLimit)
        guard limit > 0, parts.activity.storageTrouble == nil else { return Claim(limit: max(limit, 1), at: .now) }
        _ = try await parts.database.query(PromoteJobs(limit: 1_000))
        let claim = try await claim(limit: limit, probe: false)
        guard claim.attempts.isEmpty,
            try await parts.database.query(TakeProbe(for: parts.settings.requestDeadline)).first == true
        else { return claim }
        let probe = try await self.claim(limit: 1, probe: true)
        if probe.attempts.isEmpty { try await parts.database.execute(ReturnProbe()) }
        return Claim(attempts: probe.attempts, limit: 2, at: probe.at)
    }

    private func claim(limit: Int, probe: Bool) async throws -> Claim {
        let start = ContinuousClock.now
        let result = try await parts.database.run(
            ClaimJobs(
                worker: parts.id,
                limit: limit,
                pool: parts.settings.pool,
                batch: parts.settings.batch,
                requestDeadline: parts.settings.requestDeadline,
                grace: parts.settings.grace,
                probe: probe
            ),
            timeout: WorkerSettings.sendFence
        )
        guard !result.notices.contains(where: \.isWarning) else {
            // A COMMIT with a warning may not have reached the synchronous standby: what is not durable is not sent.
            parts.logger.warning("a claim was committed with a warning and is not sent: \(result.notices)")
            return Claim(limit: limit, at: start)
        }
        return Claim(attempts: result.rows, limit: limit, at: start)
    }

    private func sleep() async {
        let next = try? await parts.database.query(
            NextWake(pool: parts.settings.pool, batch: parts.settings.batch)
        ).first ?? nil
        let wait = min(max(next ?? parts.settings.idlePoll, .milliseconds(1)), parts.settings.idlePoll)
        await parts.wake.sleep(atMost: wait)
    }

    private func noteDatabaseTrouble(_ trouble: String?) {
        guard parts.activity.note(databaseTrouble: trouble) else { return }
        if let trouble {
            parts.logger.warning("the database cannot be used, nothing new is submitted: \(trouble)")
        } else {
            parts.logger.notice("the database answers again")
        }
    }
}
