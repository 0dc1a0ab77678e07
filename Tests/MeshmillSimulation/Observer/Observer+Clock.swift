import AmaraSimulator

/// A jump forward of the database's clock.
struct ClockStep {
    let at: Duration
    /// How far the clock had been stepped before, all in all.
    let skewBefore: Duration
    /// Whether anything was claimed before workers took notice.
    var hadClaims = false
    /// Whether they did.
    var isNoticed = false

    /// Workers that had looked at the clock before it, which they do from their second heartbeat on.
    let witnesses: Set<String>
    /// Heartbeats in a row, each in time, of each of them.
    var beats: [String: (count: Int, last: Int64)] = [:]

    /// Whether windows that began before it cannot have ended too early.
    var isHarmless: Bool { isNoticed && !hadClaims }
}

extension Observer {
    func noteClockStep(at now: Duration) {
        // Of two steps between the same two looks, one of them perhaps back, workers see the sum.
        let isLone = (lastStepped.map { now - $0 > scenario.lease } ?? true)
        let witnesses = isLone ? Set(leases.filter { $0.value.beats >= 3 }.keys) : []
        clockSteps.append(ClockStep(at: now, skewBefore: lastSkew, witnesses: witnesses))
    }

    func noteClaimAfterSteps() {
        for index in clockSteps.indices where !clockSteps[index].isNoticed { clockSteps[index].hadClaims = true }
    }

    /// Follows the window model, and which steps of the clock windows were lengthened by.
    func seeProfile(_ change: RowChange, skew: Duration) {
        windowModel = change.text ?? windowModel
        guard let noticed = change.times[0], noticed != noticedStep else { return }
        noticedStep = noticed
        let step = Duration.microseconds(change.numbers[0] ?? 0)
        for index in clockSteps.indices where !clockSteps[index].isNoticed {
            // What drifted between two looks is no part of the step, and what the margin is for.
            let drifted = max(longestSilence, scenario.lease) * abs(scenario.drift)
            clockSteps[index].isNoticed = step + drifted >= skew - clockSteps[index].skewBefore
        }
    }

    /// Each worker compares the database's clock with its own at every heartbeat, and tells of a jump: KEYPOOL 4.5.
    ///
    /// Where nothing is lost and neither side stands still, the fourth heartbeat after it must find it noticed.
    func checkNotice(of worker: String, clock: Int64) {
        guard scenario.statementFaultRate == 0, let index = clockSteps.indices.last,
            clockSteps[index].witnesses.contains(worker), !clockSteps[index].isNoticed,
            lastSkew - clockSteps[index].skewBefore > scenario.margin, let lastStepped,
            lastStepped - clockSteps[index].at < scenario.lease
        else { return }
        var beats = clockSteps[index].beats[worker] ?? (0, clock)
        let longest = (scenario.lease / 3 + .milliseconds(500)).microseconds
        beats = (clock - beats.last > longest ? 0 : beats.count + 1, clock)
        clockSteps[index].beats[worker] = beats
        if beats.count > 4 { report(.stepUnnoticed, "after \(beats.count) heartbeats of \(worker)") }
    }

    /// Whether the database's clock was stepped so lately that windows by its measure prove nothing.
    ///
    /// A step that was noticed before anything was claimed is none: source KEYPOOL 4.5.
    func isClockDoubtful(at now: Duration) -> Bool {
        clockSteps.contains {
            !$0.isHarmless && now - $0.at < scenario.window * 2 + scenario.deadline + scenario.grace
        }
    }

    /// Whether a 429 may be for what was sent too early after a step that nobody had noticed.
    ///
    /// A bucket in debt stays in debt as long as it is drawn at its very rate.
    func wasSentEarly(at now: Duration) -> Bool {
        clockSteps.contains { step in
            !step.isHarmless
                && (scenario.model == .tokenBucket
                    || now - step.at <= scenario.window * 3 + scenario.deadline + scenario.grace)
        }
    }
}
