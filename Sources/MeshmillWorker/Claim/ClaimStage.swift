import CrashPoints
import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Claims slots and jobs whenever there may be some, and sleeps exactly until there may be again.
struct ClaimStage: Sendable {
    let parts: WorkerParts
    let stop: StopSignal
    /// A connection for claims alone.
    ///
    /// A session plans a claim's statements when it makes its first one, which took 31 ms where the next took 5. On the
    /// connections that all share, each one's first claim would come at any time.
    private let database: PostgresClient

    init(parts: WorkerParts, stop: StopSignal) {
        self.parts = parts
        self.stop = stop
        var configuration = parts.database.configuration
        configuration.maximumConnections = 1
        database = PostgresClient(configuration: configuration, logger: parts.logger)
    }

    /// Claims and submits until the stop; returns when every POST that was sent has its answer recorded.
    func run(startPolling: @escaping @Sendable (Generation) -> Void) async {
        await claimUntilStopped(startPolling: startPolling)
        await database.close()
    }

    private func claimUntilStopped(startPolling: @escaping @Sendable (Generation) -> Void) async {
        let generate = GenerateStage(parts: parts)
        await withDiscardingTaskGroup { group in
            var failures = 0
            var cursors = ClaimCursors()
            var promotedAt = ContinuousClock.now
            var recalledAt = ContinuousClock.now
            // Whether the last claim waited in vain for a row that somebody holds.
            var isHeldUp = false
            while !stop.isStopped, !Task.isCancelled {
                do {
                    await pauseWhileUnreachable()
                    // Where the database was away, another one may have come back.
                    if failures > 0 { try await parts.watch.look() }
                    try await recall(last: &recalledAt, startPolling: startPolling)
                    if parts.news.take() { cursors.rewind() }
                    let claim = try await claim(probe: false, cursors: cursors.next(), skipsHeld: isHeldUp)
                    let skippedHeld = isHeldUp
                    isHeldUp = false
                    cursors.advance(past: claim.attempts, took: claim.at.duration(to: .now))
                    for attempt in claim.attempts {
                        group.addTask {
                            await generate.run(attempt, claimedAt: claim.at, startPolling: startPolling)
                        }
                    }
                    failures = 0
                    noteDatabaseTrouble(nil)
                    if !claim.isFull {
                        // Nobody tells when a row is let go of.
                        let longest: Duration? = skippedHeld ? .milliseconds(Int.random(in: 50...200)) : nil
                        let probe = try await waitForMore(since: claim.at, atMost: longest)
                        for attempt in probe?.attempts ?? [] {
                            group.addTask {
                                await generate.run(attempt, claimedAt: probe?.at ?? .now, startPolling: startPolling)
                            }
                        }
                    } else if promotedAt.duration(to: .now) > .seconds(1) {
                        // Claims that are always full must not keep retries from their turn.
                        try await database.execute(PromoteJobs(limit: Self.promotionLimit))
                        promotedAt = .now
                    }
                } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                    // Somebody holds a row for long: an operator's transaction, most likely. Others are not kept waiting.
                    isHeldUp = true
                    await parts.wake.sleep(atMost: .milliseconds(Int.random(in: 10...50)))
                } catch {
                    failures += 1
                    parts.activity.noteDoubt()
                    if !(error is CancellationError) { noteDatabaseTrouble("\(error)") }
                    var random = SystemRandomNumberGenerator()
                    try? await Task.sleep(for: Backoff.reconnect.wait(afterFailures: failures, using: &random))
                }
            }
        }
    }

    private static let promotionLimit = 1_000

    private struct Claim {
        var attempts: [ClaimedAttempt] = []
        var limit: Int
        /// Read before the claim was sent.
        var at: ContinuousClock.Instant

        /// Whether there may be more at once.
        var isFull: Bool { attempts.count == limit }
    }

    private func claim(probe: Bool, cursors: [ClaimCursor] = [], skipsHeld: Bool = false) async throws -> Claim {
        let room = parts.settings.concurrency - parts.activity.inFlight
        // While the provider cannot be reached, one job at a time finds out.
        let most = probe || parts.activity.networkFailures > 0 ? 1 : WorkerSettings.claimLimit
        let limit = min(room, most)
        guard limit > 0, parts.activity.storageTrouble == nil, !parts.activity.hasSecretTrouble else {
            return Claim(limit: 1, at: .now)
        }
        let start = ContinuousClock.now
        CrashPoint.beforeClaim.reached()
        let result = try await database.run(
            ClaimJobs(
                worker: parts.id,
                limit: limit,
                pool: parts.settings.pool,
                batch: parts.settings.batch,
                requestDeadline: parts.settings.requestDeadline,
                grace: parts.settings.grace,
                probe: probe,
                cursors: cursors,
                skipsHeld: skipsHeld
            ),
            timeout: WorkerSettings.sendFence
        )
        guard !result.notices.contains(where: \.isWarning) else {
            // A COMMIT with a warning may not have reached the synchronous standby: what is not durable is not sent.
            parts.logger.warning("a claim was committed with a warning and is not sent: \(result.notices)")
            // It is given back by the next recall.
            parts.activity.noteDoubt()
            return Claim(limit: 1, at: start)
        }
        // Before anything else: what is not known to be in hand may be recalled.
        for attempt in result.rows { parts.activity.begin(attempt.attemptID) }
        if !result.rows.isEmpty { CrashPoint.afterClaim.reached() }
        return Claim(attempts: result.rows, limit: limit, at: start)
    }

    /// Looks up what this worker owns without knowing, after a write whose answer was lost: an unheard claim is given
    /// back, an unheard generation is polled.
    ///
    /// It runs where the claims do, so that none is under way; for a while after the failure it is repeated, since the
    /// server may have finished the lost statement later. However late it was: claims are looked for once a lease anyway.
    private func recall(
        last recalledAt: inout ContinuousClock.Instant,
        startPolling: (Generation) -> Void
    ) async throws {
        let doubtedAt = parts.activity.doubtedAt
        guard doubtedAt != nil || recalledAt.duration(to: .now) > parts.settings.lease else { return }
        recalledAt = .now
        let isLate = doubtedAt.map { $0.duration(to: .now) > WorkerSettings.sendFence } ?? false
        let known = parts.activity.knownAttempts
        // What housekeeping has just adopted may not be known yet, and is polled all the same.
        for orphan in try await database.query(RecallJobs(worker: parts.id, known: known))
        where doubtedAt != nil || orphan.state == .submitting {
            if let generation = Generation(orphan), orphan.state != .submitting {
                parts.activity.begin(orphan.attemptID)
                startPolling(generation)
            } else {
                _ = await parts.settle(.neverSent(orphan, grace: parts.settings.grace))
            }
            parts.logger.notice("job \(orphan.jobID): taken up again after an answer of the database was lost")
        }
        if isLate, let doubtedAt { parts.activity.endDoubt(of: doubtedAt) }
    }

    /// Without a connection every claim would come straight back.
    private func pauseWhileUnreachable() async {
        let failures = parts.activity.networkFailures
        guard failures > 0 else { return }
        var random = SystemRandomNumberGenerator()
        await stop.wait(atMost: Backoff.reconnect.wait(afterFailures: failures, using: &random))
    }

    /// Sleeps until something comes due or is heard of, and queues or probes what has come due.
    ///
    /// - Parameters:
    ///   - claimedAt: when the claim was sent that found too little.
    ///   - longest: the longest sleep; nil: the idle poll's.
    /// - Returns: the probe of an open breaker, if it was this worker's to send.
    /// - Throws: what the database does.
    private func waitForMore(
        since claimedAt: ContinuousClock.Instant,
        atMost longest: Duration?
    ) async throws -> Claim? {
        guard
            let next = try await database.query(
                NextWake(
                    pool: parts.settings.pool,
                    batch: parts.settings.batch,
                    since: claimedAt.duration(to: .now)
                )
            ).first
        else { return nil }
        let longest = min(longest ?? parts.settings.idlePoll, parts.settings.idlePoll)
        var wait = min(next.slotIn ?? longest, longest)
        if let scheduledIn = next.scheduledIn {
            if scheduledIn > .zero {
                wait = min(wait, scheduledIn)
            } else if try await database.query(PromoteJobs(limit: Self.promotionLimit)).first ?? 0 > 0 {
                return nil
            } else {
                // Due, but another worker has it in hand.
                wait = min(wait, .milliseconds(Int.random(in: 20...60)))
            }
        }
        if let probeIn = next.probeIn {
            if probeIn > .zero {
                wait = min(wait, probeIn)
            } else if try await database.query(TakeProbe(for: parts.settings.requestDeadline)).first == true {
                do {
                    // Whoever holds a row must not keep the breaker open.
                    let probe = try await claim(probe: true, skipsHeld: true)
                    if !probe.attempts.isEmpty { return probe }
                } catch {
                    _ = try? await database.execute(ReturnProbe())
                    throw error
                }
                try await database.execute(ReturnProbe())
            }
        }
        await parts.wake.sleep(atMost: max(wait, .milliseconds(1)))
        return nil
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
