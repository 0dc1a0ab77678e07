import MeshmillCore
import MeshmillStore
import MeshmillWorker

extension SimulatedWorker {
    /// Claims slots and jobs, sends their POSTs, and sleeps until there may be more.
    func claim() async throws {
        guard !isStopping else {
            hasStoppedClaiming = true
            return try await leaveIfDone()
        }
        guard networkFailures == 0 else {
            // Without a connection every claim would come straight back.
            let wait = Backoff.reconnect.wait(afterFailures: networkFailures, using: &world.chance)
            world.after(wait, self, "looks for the provider again") { [self] in
                if isStopping { try await claim() } else { look() }
            }
            return
        }
        look()
    }

    /// Where the database was away, its clock may have been set.
    private func look() {
        guard failures > 0 else { return recall() }
        watchClock { [self] isDone in
            if isDone { recall() } else { claimLater() }
        }
    }

    /// Looks up what it owns without knowing, after a write whose answer was lost and once a lease, and then claims.
    private func recall() {
        let doubtedAt = doubtedAt
        guard doubtedAt != nil || world.now - recalledAt > scenario.lease else { return claimNow() }
        recalledAt = world.now
        let isLate = doubtedAt.map { world.now - $0 > WorkerSettings.sendFence } ?? false
        world.send(RecallJobs(worker: id, known: known.sorted()), for: self) { [self] result in
            guard case .success(let orphans) = result else { return failed(result) }
            // What housekeeping has just adopted may not be known yet, and is polled all the same.
            let doubtful = orphans.filter { doubtedAt != nil || $0.state == .submitting }
            takeUp(doubtful[...]) { [self] in
                if isLate, self.doubtedAt == doubtedAt { self.doubtedAt = nil }
                claimNow()
            }
        }
    }

    /// One after the other, each settled before the next, so that none is recalled again while it is being settled.
    private func takeUp(_ orphans: ArraySlice<Orphan>, then: @escaping () -> Void) {
        guard let orphan = orphans.first else { return then() }
        guard orphan.state == .submitting else {
            adopt(orphan) {}
            return takeUp(orphans.dropFirst(), then: then)
        }
        settle(.neverSent(orphan, grace: scenario.grace)) { [self] _ in
            takeUp(orphans.dropFirst(), then: then)
        }
    }

    /// The most that the next claim takes: while the provider cannot be reached, one job at a time finds out.
    private var claimLimit: Int { networkFailures > 0 ? 1 : WorkerSettings.claimLimit }

    private func claimNow() {
        let most = claimLimit
        let claimedAt = world.now
        let skipsHeld = isHeldUp
        isHeldUp = false
        let read = cursors.next(now: origin.advanced(by: claimedAt)).sorted { $0.batchID < $1.batchID }
        let statement = claimStatement(most, isProbe: false, cursors: read, skipsHeld: skipsHeld)
        world.send(statement, for: self, timeout: WorkerSettings.sendFence) { [self] result in
            guard case .success(let attempts) = result else { return failed(result) }
            if isWarned(attempts) {
                failures = 0
                cursors.advance(past: [], took: world.now - claimedAt)
                return waitForMore(since: claimedAt, skippedHeld: skipsHeld)
            }
            cursors.advance(past: attempts, took: world.now - claimedAt)
            for attempt in attempts { post(attempt, claimedAt: claimedAt) }
            failures = 0
            if attempts.count < most {
                waitForMore(since: claimedAt, skippedHeld: skipsHeld)
            } else if world.now - promotedAt > .seconds(1) {
                // Claims that are always full must not keep retries from their turn.
                world.send(PromoteJobs(limit: 1_000), for: self) { [self] result in
                    guard case .success = result else { return failed(result) }
                    promotedAt = world.now
                    try await claim()
                }
            } else {
                try await claim()
            }
        }
    }

    /// A COMMIT with a warning may not have reached the synchronous standby: what is not durable is not sent.
    ///
    /// It is given back by the next recall.
    private func isWarned(_ attempts: [ClaimedAttempt]) -> Bool {
        guard world.isFaulty, !attempts.isEmpty, world.chance.happens(0.01) else { return false }
        world.note(.commitWarned)
        doubtedAt = world.now
        return true
    }

    private func claimStatement(_ most: Int, isProbe: Bool, cursors: [ClaimCursor], skipsHeld: Bool) -> ClaimJobs {
        ClaimJobs(
            worker: id,
            limit: most,
            pool: nil,
            batch: nil,
            requestDeadline: scenario.deadline,
            grace: scenario.grace,
            probe: isProbe,
            cursors: cursors,
            skipsHeld: skipsHeld
        )
    }

    /// After a failure of the database; somebody's holding a row is none.
    private func failed<Row>(_ result: Result<[Row], StatementFailure>) {
        guard case .failure(.locked) = result else { return claimLater() }
        isHeldUp = true
        sleep(.milliseconds(Int64(world.chance.number(10...50))))
    }

    private func claimLater() {
        failures += 1
        doubtedAt = world.now
        let wait = Backoff.reconnect.wait(afterFailures: failures, using: &world.chance)
        world.after(wait, self, "claims again") { try await self.claim() }
    }

    private func waitForMore(since claimedAt: Duration, skippedHeld: Bool) {
        // Nobody tells when a row is let go of.
        let longest = skippedHeld ? Duration.milliseconds(Int64(world.chance.number(50...200))) : scenario.idlePoll
        world.send(NextWake(pool: nil, batch: nil, since: world.now - claimedAt), for: self) { [self] result in
            guard case .success(let rows) = result, let next = rows.first else { return failed(result) }
            var wait = min(next.slotIn ?? scenario.idlePoll, scenario.idlePoll, longest)
            if let scheduledIn = next.scheduledIn {
                if scheduledIn <= .zero { return promote(beforeProbe: next.probeIn, orSleep: wait) }
                wait = min(wait, scheduledIn)
            }
            probeOrSleep(next.probeIn, wait)
        }
    }

    private func promote(beforeProbe probeIn: Duration?, orSleep wait: Duration) {
        world.send(PromoteJobs(limit: 1_000), for: self) { [self] result in
            guard case .success(let rows) = result else { return failed(result) }
            if rows.first ?? 0 > 0 { return try await claim() }
            // Due, but another worker has it in hand.
            probeOrSleep(probeIn, min(wait, .milliseconds(Int64(world.chance.number(20...60)))))
        }
    }

    private func probeOrSleep(_ probeIn: Duration?, _ wait: Duration) {
        guard let probeIn else { return sleep(wait) }
        guard probeIn <= .zero else { return sleep(min(wait, probeIn)) }
        world.send(TakeProbe(for: scenario.deadline), for: self) { [self] result in
            guard case .success(let rows) = result else { return failed(result) }
            if rows.first == true { probe(orSleep: wait) } else { sleep(wait) }
        }
    }

    /// Sends the probe of an open breaker: whoever holds a row must not keep the breaker open.
    private func probe(orSleep wait: Duration) {
        let claimedAt = world.now
        let statement = claimStatement(1, isProbe: true, cursors: [], skipsHeld: true)
        world.send(statement, for: self, timeout: WorkerSettings.sendFence) { [self] result in
            guard case .success(let attempts) = result else {
                world.send(ReturnProbe(), for: self) { [self] _ in failed(result) }
                return
            }
            if isWarned(attempts) || attempts.isEmpty {
                world.send(ReturnProbe(), for: self) { [self] returned in
                    if case .success = returned { sleep(wait) } else { failed(returned) }
                }
                return
            }
            world.note(.breakerProbed)
            for attempt in attempts { post(attempt, claimedAt: claimedAt) }
            try await claim()
        }
    }

    private func sleep(_ wait: Duration) {
        if isWoken {
            isWoken = false
            world.after(.zero, self, "was woken") { try await self.claim() }
            return
        }
        sleeps += 1
        isAsleep = true
        let number = sleeps
        world.after(max(wait, .milliseconds(1)), self, "slept") { [self] in
            guard isAsleep, sleeps == number else { return }
            isAsleep = false
            try await claim()
        }
    }

    /// Ends the claim loop's sleep, or the next one at once.
    func wake() {
        guard isAsleep else {
            isWoken = true
            return
        }
        isAsleep = false
        world.after(.zero, self, "wakes") { try await self.claim() }
    }
}
