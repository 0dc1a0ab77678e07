extension Observer {
    /// Longest that a POST takes from the look at the fence to being counted, if it is none that straggles.
    private static let travel: Duration = .milliseconds(500)
    /// After a claim is sent, in seconds: source RULINGS 5.
    private static let fence: Duration = .seconds(2)

    func seeInstallation(_ change: RowChange, at now: Duration) {
        isSubmitting = change.flags[0]
        stoppedAt = isSubmitting ? nil : stoppedAt ?? now
    }

    func seeBreaker(_ change: RowChange, at now: Duration) {
        let wasOpen = isBreakerOpen
        isBreakerOpen = change.flags[0]
        if isBreakerOpen { rampSince = nil } else if wasOpen { rampSince = now }
    }

    /// Checks that nobody said stop to what a claim just took: DESIGN section 9 (`stop`, `pause`), KEYPOOL 5.3.
    func checkStops(_ attempt: AttemptRow, at now: Duration, clock: Int64) {
        func stopped(_ what: String) { report(.stopPassed, "attempt \(attempt.id): \(what)") }
        if !isSubmitting { stopped("submitting is switched off") }
        switch keyStates[attempt.key] {
        case "active": break
        case "parked", "disabled": if !attempt.isProbe { stopped("its key is benched, and it is no probe") }
        case let state: stopped("its key is \(state ?? "unknown")")
        }
        let tenant = tenantOfJob[attempt.job].flatMap { accounts[.tenant($0)] }
        if tenant?.isPaused == true { stopped("its tenant is paused") }
        if let state = batchStates[attempt.batch], state != "open" { stopped("its batch is \(state)") }
        if let org = keyOrgs[attempt.key].flatMap({ accounts[.org($0)] }) {
            if org.isPaused { stopped("its org is paused") }
            if let until = org.parkedUntil, until > clock { stopped("its org is parked") }
        }
        checkHold(attempt, at: now)
        checkBreaker(attempt, at: now)
    }

    /// A key waits as long as a 429 says, from 1 s to one window: KEYPOOL 4.5 and section 8.
    private func checkHold(_ attempt: AttemptRow, at now: Duration) {
        guard let until = holds[attempt.key], now < until, !isClockDoubtful(at: now) else { return }
        report(.holdPassed, "attempt \(attempt.id), \((until - now).inSeconds) s before its key's wait is over")
    }

    func noteHold(_ attempt: AttemptRow) {
        guard let post = postOfAttempt[attempt.id], post.status == 429, post.isHeard else { return }
        holds[attempt.key] = max(holds[attempt.key] ?? .zero, post.arrived + post.wait)
    }

    /// An open breaker lets one probe out at a time, and one that closed 1, 2, 4, 8 POSTs: KEYPOOL 5.3.
    private func checkBreaker(_ attempt: AttemptRow, at now: Duration) {
        if isBreakerOpen {
            if !attempt.isProbe { report(.stopPassed, "attempt \(attempt.id): the breaker is open") }
            // A probe that is heard of no more gives way to the next after the deadline, by when it was taken, which is
            // as much earlier than its claim as two slow statements take.
            let since = now - scenario.deadline + .seconds(9)
            if let earlier = breakerProbe.flatMap({ attempts[$0] }), earlier.id != attempt.id,
                earlier.state == "submitting", earlier.claimed > since, !isClockDoubtful(at: now)
            {
                report(.stopPassed, "attempt \(attempt.id): probe \(earlier.id) of the open breaker is out already")
            }
            breakerProbe = attempt.id
        } else if let since = rampSince, !attempt.isProbe, !isClockDoubtful(at: now) {
            let ramp = max(.seconds(120) * min(1, scenario.window / .seconds(900)), .milliseconds(200))
            let quarter = Int((now - since + .milliseconds(1)) / ramp * 4)
            if quarter < 4, submittingCount > 1 << quarter {
                let after = (now - since).inSeconds
                report(.stopPassed, "\(submittingCount) POSTs in flight \(after) s after the breaker closed")
            }
        }
    }

    /// Follows answers in the order in which the breaker hears of them; of the third 503 in a row it must open.
    ///
    /// Lost answers are failures to it as well, and are left out here, where nothing tells why they were lost.
    func checkFailuresInRow(_ settled: [AttemptRow]) {
        for attempt in settled.sorted(by: { $0.id < $1.id }) {
            let is503 = postOfAttempt[attempt.id].map { $0.status == 503 && $0.isHeard } ?? false
            failuresInRow = is503 && attempt.state == "refused" ? failuresInRow + 1 : 0
        }
        if !settled.isEmpty, failuresInRow >= 3, !isBreakerOpen {
            report(.breakerClosed, "after attempt \(settled.map(\.id).max() ?? 0)")
        }
    }

    /// Nothing is counted that was sent more than two seconds after the switch was turned: RULINGS 5.
    func checkSwitch(_ attempt: Int64, countedAt now: Duration) {
        let longest = max(Self.travel, scenario.grace + .milliseconds(300))
        guard let stoppedAt, now > stoppedAt + Self.fence + longest else { return }
        report(.stopPassed, "attempt \(attempt) counted \((now - stoppedAt).inSeconds) s after submitting was stopped")
    }
}
