import MeshmillCore
import MeshmillStore
import MeshmillWorker

extension SimulatedWorker {
    /// Claims slots and jobs, sends their POSTs, and sleeps until there may be more.
    func claim(isProbe: Bool = false) {
        guard !isStopping else {
            hasStoppedClaiming = true
            leaveIfDone()
            return
        }
        if let doubtedAt, !isProbe { return recall(doubtedAt) }
        claimNow(isProbe: isProbe)
    }

    /// Looks up what it owns without knowing, as the product's claim loop does, and then claims.
    private func recall(_ doubtedAt: Duration) {
        let isLate = world.now - doubtedAt > WorkerSettings.sendFence
        world.send(RecallJobs(worker: id, known: known.sorted()), for: self) { [self] result in
            guard case .success(let orphans) = result else { return claimLater() }
            takeUp(orphans[...]) { [self] in
                if isLate, self.doubtedAt == doubtedAt { self.doubtedAt = nil }
                claimNow(isProbe: false)
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

    private func claimNow(isProbe: Bool) {
        let most = isProbe || networkFailures > 0 ? 1 : WorkerSettings.claimLimit
        let claimedAt = world.now
        let statement = ClaimJobs(
            worker: id,
            limit: most,
            pool: nil,
            batch: nil,
            requestDeadline: scenario.deadline,
            grace: scenario.grace,
            probe: isProbe,
            cursors: isProbe
                ? [] : cursors.next(now: origin.advanced(by: claimedAt)).sorted { $0.batchID < $1.batchID },
            // As after a claim that waited in vain for a row that somebody holds.
            skipsHeld: !isProbe && world.chance.happens(0.05)
        )
        world.send(statement, for: self, timeout: WorkerSettings.sendFence) { [self] result in
            guard case .success(let attempts) = result else { return claimLater() }
            failures = 0
            if !isProbe { cursors.advance(past: attempts, took: world.now - claimedAt) }
            for attempt in attempts { post(attempt, claimedAt: claimedAt) }
            if isProbe {
                if attempts.isEmpty { world.send(ReturnProbe(), for: self) { _ in } }
                sleep(attempts.isEmpty ? scenario.idlePoll : .milliseconds(1))
            } else if attempts.count < most {
                // Nobody tells when a row is let go of.
                let longest = statement.skipsHeld ? Duration.milliseconds(Int64(world.chance.number(50...200))) : nil
                waitForMore(since: claimedAt, atMost: longest)
            } else if world.now - promotedAt > .seconds(1) {
                promotedAt = world.now
                world.send(PromoteJobs(limit: 1_000), for: self) { [self] _ in claim() }
            } else {
                claim()
            }
        }
    }

    /// After a failure of the database.
    private func claimLater() {
        failures += 1
        doubtedAt = world.now
        let wait = Backoff.reconnect.wait(afterFailures: failures, using: &world.chance)
        world.after(wait, self, "claims again") { self.claim() }
    }

    private func waitForMore(since claimedAt: Duration, atMost longest: Duration?) {
        world.send(NextWake(pool: nil, batch: nil, since: world.now - claimedAt), for: self) { [self] result in
            guard case .success(let rows) = result, let next = rows.first else { return claimLater() }
            var wait = min(next.slotIn ?? scenario.idlePoll, scenario.idlePoll, longest ?? scenario.idlePoll)
            if networkFailures > 0 {
                wait = max(wait, Backoff.reconnect.wait(afterFailures: networkFailures, using: &world.chance))
            }
            if let scheduledIn = next.scheduledIn {
                if scheduledIn <= .zero {
                    promote(orSleep: min(wait, .milliseconds(Int64(world.chance.number(20...60)))))
                    return
                }
                wait = min(wait, scheduledIn)
            }
            if let probeIn = next.probeIn {
                if probeIn <= .zero {
                    probe(orSleep: wait)
                    return
                }
                wait = min(wait, probeIn)
            }
            sleep(wait)
        }
    }

    private func promote(orSleep wait: Duration) {
        world.send(PromoteJobs(limit: 1_000), for: self) { [self] result in
            guard case .success(let rows) = result else { return claimLater() }
            if rows.first ?? 0 > 0 { claim() } else { sleep(wait) }
        }
    }

    private func probe(orSleep wait: Duration) {
        world.send(TakeProbe(for: scenario.deadline), for: self) { [self] result in
            guard case .success(let rows) = result else { return claimLater() }
            if rows.first == true { claim(isProbe: true) } else { sleep(wait) }
        }
    }

    private func sleep(_ wait: Duration) {
        if isWoken {
            isWoken = false
            world.after(.zero, self, "was woken") { self.claim() }
            return
        }
        sleeps += 1
        isAsleep = true
        let number = sleeps
        world.after(max(wait, .milliseconds(1)), self, "slept") { [self] in
            guard isAsleep, sleeps == number else { return }
            isAsleep = false
            claim()
        }
    }

    /// Ends the claim loop's sleep, or the next one at once.
    func wake() {
        guard isAsleep else {
            isWoken = true
            return
        }
        isAsleep = false
        world.after(.zero, self, "wakes") { self.claim() }
    }
}
