import AmaraSimulator

extension Observer {
    /// From its claim on: what has no result by then is given up, and so is what cannot be fetched.
    private var patience: Duration { scenario.window * 8 }

    /// What a clock that drifts makes of the longest wait for a POST.
    private var rounding: Duration { (scenario.deadline + scenario.grace) * abs(scenario.drift) + .milliseconds(1) }

    // MARK: A claim

    /// Checks that a job may be sent once more: DESIGN 3.4, RULINGS 11 and 12.
    func checkNextPost(_ attempt: AttemptRow, at now: Duration, clock: Int64) {
        let earlier = earlierAttempts(of: attempt)
        for one in earlier {
            checkWait(for: one, before: attempt, at: now)
            if one.id > jobs[attempt.job]?.forgiven ?? 0 { checkNeed(of: attempt, after: one, at: now, clock: clock) }
        }
        // Of the key's POSTs before this one all but the last were waited for already.
        if let id = attemptsOfKey[attempt.key]?.last(where: { $0 < attempt.id }), let last = attempts[id],
            last.job != attempt.job
        {
            checkWait(for: last, before: attempt, at: now)
        }
        checkPolicy(attempt, after: earlier.filter { $0.id > jobs[attempt.job]?.forgiven ?? 0 })
    }

    private func earlierAttempts(of attempt: AttemptRow) -> [AttemptRow] {
        (attemptsOfJob[attempt.job] ?? []).filter { $0 < attempt.id }.compactMap { attempts[$0] }
    }

    /// A POST that may still be counted is waited out, by its job and by its key: until claim and deadline, or its failure
    /// if that was earlier, and the grace.
    private func checkWait(for earlier: AttemptRow, before attempt: AttemptRow, at now: Duration) {
        guard earlier.isUnanswered, !clockSteps.contains(where: { $0.at >= earlier.claimed }) else { return }
        var over = earlier.claimed + scenario.deadline
        if let doubted = earlier.doubted, !earlier.isWorkerLost { over = min(over, doubted) }
        if now < over + scenario.grace - rounding {
            let left = (over + scenario.grace - now).inSeconds
            report(.sentTooSoon, "attempt \(attempt.id), \(left) s before attempt \(earlier.id) is counted no more")
        }
    }

    /// Another generation is bought only where the earlier one is none, is lost, or is in doubt.
    private func checkNeed(of attempt: AttemptRow, after earlier: AttemptRow, at now: Duration, clock: Int64) {
        guard let generation = postOfAttempt[earlier.id]?.generation, earlier.doubted == nil else { return }
        if !isLost(generation, of: earlier, at: now, clock: clock) {
            let good = "\(generation.id) of attempt \(earlier.id)"
            report(.boughtAgain, "job \(attempt.job): attempt \(attempt.id), though \(good) is good")
        }
    }

    /// Whether a generation failed, or was not to be had for so long that it counts as failed.
    private func isLost(_ generation: Generation, of attempt: AttemptRow, at now: Duration, clock: Int64) -> Bool {
        if generation.hasFailed { return now >= generation.ends }
        // Who adopted it knows its age by the database's clock alone, which may have been stepped.
        let age = max(now - attempt.claimed, .microseconds(clock - attempt.claimedAt))
        let isOld = age >= patience - .milliseconds(1)
        return now >= generation.expires || isOld && (generation.isEndless || !delivered.contains(generation.id))
            // A generation that waits long at the provider has no result either.
            || isOld && now < generation.ends
    }

    /// What a batch wants done about doubts: never again under `hold` and `fail`; under `evidence` once, or twice where
    /// our own workers were lost.
    private func checkPolicy(_ attempt: AttemptRow, after earlier: [AttemptRow]) {
        let doubts = earlier.filter { $0.state == "unknown" }
        guard let last = doubts.last, let policy = policies[attempt.batch] else { return }
        switch policy {
        case "hold", "fail":
            report(.againstPolicy, "attempt \(attempt.id) under \(policy), though attempt \(last.id) is in doubt")
        case "evidence":
            // Where others move the provider's numbers, these may tell of a POST that it was not charged, and lie.
            let charged = doubts.filter { scenario.isAlone ? postOfAttempt[$0.id]?.generation != nil : $0.isDoubt }
            let most = charged.contains(where: \.isWorkerLost) ? 2 : 1
            if charged.count > most {
                report(.againstPolicy, "attempt \(attempt.id) after \(charged.count) POSTs charged or in doubt")
            }
        default: break
        }
    }

    // MARK: An answer

    /// What became of an attempt must fit what the provider counted and what its worker has read: DESIGN 3.1 and 3.4.
    func checkOutcome(_ attempt: AttemptRow, wasOpen: Bool) {
        guard wasOpen, let post = postOfAttempt[attempt.id] else { return }
        switch attempt.state {
        case "unsent": report(.unsentButCounted, "attempt \(attempt.id) reached the provider")
        case "unknown":
            if post.isHeard, post.isPlain, !attempt.isWorkerLost, !isByPerson {
                report(.answerForgotten, "attempt \(attempt.id), whose worker read \(post.status ?? 0)")
            }
        case "refused":
            if let generation = post.generation {
                report(.answerForgotten, "attempt \(attempt.id) is refused, but made \(generation.id)")
            }
        case "failed":
            // It came too late: its job had been sent anew.
            if post.generation != nil, !attempt.isPaidTwice { report(.paidTwiceHidden, "attempt \(attempt.id)") }
        default: break
        }
    }

    /// A POST arrives under the attempt that was written for it, and as the only one of its key.
    func checkIntent(_ id: Int64, ofImage image: String?, key: String?, at now: Duration) {
        guard let attempt = attempts[id], image.flatMap({ jobOfImage[$0] }) == attempt.job,
            key == nil || keyNames[attempt.key] == key
        else { return report(.postWithoutIntent, "attempt \(id) with key \(key ?? "unknown")") }
        if attempt.state == "unsent" { report(.unsentButCounted, "attempt \(id) reached the provider later") }
        if let newest = attemptsOfKey[attempt.key]?.last, newest > id, !isClockDoubtful(at: now) {
            report(.overlappingPosts, "attempt \(id) of key \(key ?? "unknown") after attempt \(newest) was claimed")
        }
    }

    // MARK: The end of a job

    /// A job ends without a mesh only for a stated cause, here by the provider's log: DESIGN 3.3, section 6.
    func checkCause(_ job: JobRow, at now: Duration, clock: Int64) {
        let since = (attemptsOfJob[job.id] ?? []).filter { $0 > job.forgiven }.compactMap { attempts[$0] }
        let policy = policies[job.batch] ?? ""
        if job.state == "held" {
            let doubts = since.filter(\.isDoubt).count
            let isCause = policy == "hold" && doubts > 0 || policy == "evidence" && doubts > 1
            if !isCause { report(.endedWithoutCause, "job \(job.id) is held under \(policy) with \(doubts) doubts") }
            return
        }
        let own = since.filter { attempt in
            postOfAttempt[attempt.id]?.generation.map { isLost($0, of: attempt, at: now, clock: clock) } ?? false
        }.count
        let provider = since.filter { postOfAttempt[$0.id]?.status == 503 }.count
        let most = mostFailures[job.batch] ?? 3
        let isDoubtful = policy == "fail" && since.contains { $0.state == "unknown" }
        if own >= most || provider >= 20 || isDoubtful { return }
        let failures = "\(own) own failures, \(provider) of the provider"
        report(.endedWithoutCause, "job \(job.id) failed under \(policy): \(failures)")
    }

    // MARK: The end of a run

    /// Every generation that a job was given is counted, and shown where it was paid for in vain: RULINGS 11 and 12.
    func checkPayments() {
        for (id, post) in postOfAttempt.sorted(by: { $0.key < $1.key }) {
            guard let generation = post.generation, let attempt = attempts[id] else { continue }
            if attempt.generation == nil, attempt.credits == 0, attempt.state != "unknown" {
                report(.uncounted, "attempt \(id) is \(attempt.state), but made \(generation.id)")
            }
            // Where nobody else moves the provider's numbers, a doubt is decided rightly or as charged.
            if scenario.isAlone, !generation.hasFailed, attempt.credits == 0, !hiddenCharges.contains(id) {
                report(.uncounted, "attempt \(id) is \(attempt.state) without a credit, but made \(generation.id)")
            }
            let isSentAnew = attemptsOfJob[attempt.job]?.last != id && jobs[attempt.job]?.isTouched == false
            if isSentAnew, attempt.isDoubt, !attempt.isReserved, !attempt.isPaidTwice {
                report(.paidTwiceHidden, "attempt \(id) in doubt, which made \(generation.id)")
            }
        }
    }
}
