import AmaraAPI
import MeshmillCore
import MeshmillStore
import MeshmillWorker

extension SimulatedWorker {
    /// Sends one POST for a claimed attempt and has its end recorded, whatever it was.
    func post(_ attempt: ClaimedAttempt, claimedAt: Duration) {
        known.insert(attempt.attemptID)
        postsInFlight += 1
        let isSlow = world.isFaulty && world.chance.happens(0.02)
        let opening = world.chance.time(
            isSlow ? .milliseconds(1_500) ... .seconds(3) : .milliseconds(1) ... .milliseconds(40)
        )
        world.after(opening, self, "POST of job \(attempt.jobID) is due") { [self] in
            guard world.now < claimedAt + WorkerSettings.sendFence else {
                world.note(.fencePassed)
                return conclude(.notSent(.fencePassed, provably: true), attempt, claimedAt)
            }
            guard world.now < claimedAt + scenario.deadline else {
                return conclude(.notSent(.deadlinePassed, provably: true), attempt, claimedAt)
            }
            if world.isFaulty, world.chance.happens(0.01) {
                world.note(.connectionFailed)
                return conclude(.notSent(.connectionFailed, provably: true), attempt, claimedAt)
            }
            world.transmit(attempt, for: self, deadline: claimedAt + scenario.deadline) { [self] outcome in
                conclude(outcome, attempt, claimedAt)
            }
        }
    }

    private func conclude(_ outcome: CreateOutcome, _ attempt: ClaimedAttempt, _ claimedAt: Duration) {
        let context = AnswerEffect.Context(
            window: attempt.rateWindow,
            margin: attempt.margin,
            grace: scenario.grace,
            budget: attempt.budget
        )
        let effect = AnswerEffect(outcome, context, using: &world.chance)
        if effect.refundUnconfirmed { world.note(.refundUnflagged) }
        switch outcome {
        case .notSent(.connectionFailed, _): networkFailures += 1
        case .accepted, .refused: networkFailures = 0
        case .notSent, .unknown: break
        }
        if let trace = world.trace { trace("    attempt \(attempt.attemptID): \(effect.code ?? "\(effect.outcome)")") }
        let ownership = Ownership(.pending)
        var isAccepted = false
        if case .accepted(let accepted) = outcome {
            isAccepted = true
            // Before the answer is recorded: the result expires whether or not the database is there to take it.
            poll(
                SimulatedGeneration(
                    attempt,
                    generationID: accepted.generationID,
                    ownership: ownership,
                    startedAt: claimedAt
                )
            )
        }
        settle(AnswerRecord(attemptID: attempt.attemptID, effect: effect, outcome)) { [self] row in
            if case .refused(let refusal) = outcome, refusal.kind == .rateLimited {
                world.send(LearnWindowModel(), for: self) { _ in }
            }
            ownership.settle(row, claimedUnder: attempt.leaseEpoch)
            postsInFlight -= 1
            wake()
            // Who polls lets go of it, unless it is lost to the record; and what is not recorded stays known.
            if !isAccepted, row != nil { known.remove(attempt.attemptID) }
            try await leaveIfDone()
        }
    }
}
