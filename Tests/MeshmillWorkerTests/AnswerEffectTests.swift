import AmaraAPI
import MeshmillCore
import MeshmillWorker
import Testing

@Suite("What each answer does")
struct AnswerEffectTests {
    private func effect(
        _ outcome: CreateOutcome,
        failures: Int = 0,
        providerFailures: Int = 0,
        unknowns: Int = 0,
        onAmbiguous: AmbiguityPolicy = .evidence
    ) -> AnswerEffect {
        var random = SystemRandomNumberGenerator()
        let budget = FailureBudget(
            failures: failures,
            providerFailures: providerFailures,
            unknowns: unknowns,
            maxAttempts: 3,
            onAmbiguous: onAmbiguous
        )
        let context = AnswerEffect.Context(
            window: .seconds(900),
            margin: .seconds(3),
            grace: .seconds(60),
            budget: budget
        )
        return AnswerEffect(outcome, context, using: &random)
    }

    private func refusal(_ kind: RefusalKind, retryAfter: Double? = nil, refunded: Bool? = nil) -> CreateOutcome {
        .refused(
            CreateRefusal(
                kind: kind,
                status: 400,
                message: "no",
                retryAfter: retryAfter,
                creditsRefunded: refunded
            )
        )
    }

    private func unknown(_ reason: CreateUnknown.Reason) -> CreateOutcome {
        .unknown(CreateUnknown(reason: reason, message: "lost"))
    }

    @Test("an accepted POST charges what the answer says, and polls")
    func accepted() {
        let done = effect(.accepted(CreateAccepted(generationID: "g", creditsUsed: 2, creditsRemaining: 5)))
        #expect(done.outcome == .generating && done.job == .generating && done.slot == .hold)
        #expect(done.credit == .charge(2) && done.org == .none && done.provider == .healthy)
        let last = effect(.accepted(CreateAccepted(generationID: "g", creditsUsed: 1, creditsRemaining: 0)))
        #expect(last.org == .park(.seconds(900), cap: .seconds(21_600)))
    }

    @Test("every refusal holds the slot, since the provider may have counted it", arguments: RefusalKind.allCases)
    func slotIsHeld(kind: RefusalKind) {
        let refused = effect(refusal(kind))
        #expect(refused.slot == .hold && refused.outcome == .refused)
    }

    @Test("the job's own fault fails it; the key's, the org's and the window's only snooze it")
    func fault() {
        #expect(effect(refusal(.imageInvalid)).job == .fail)
        #expect(effect(refusal(.payloadTooLarge)).job == .fail)
        for kind in [
            RefusalKind.unauthorized, .forbidden, .orgOutOfCredits, .paymentRequired, .keyLimitExceeded, .rateLimited,
        ] {
            let snoozed = effect(refusal(kind), failures: 2)
            #expect(snoozed.job == .queue && snoozed.count == .none && snoozed.credit == .release, "\(kind)")
        }
    }

    @Test("401 and 403 disable the key, 402 parks the key or the org")
    func keys() {
        #expect(effect(refusal(.unauthorized)).key == .disable(.seconds(3_600), cap: .seconds(86_400)))
        #expect(effect(refusal(.forbidden)).key == .disable(.seconds(3_600), cap: .seconds(86_400)))
        #expect(effect(refusal(.keyLimitExceeded)).key == .park(.seconds(3_600), cap: .seconds(86_400)))
        #expect(effect(refusal(.orgOutOfCredits)).org == .park(.seconds(900), cap: .seconds(21_600)))
    }

    @Test(
        "a 429 holds the key at least as long as it says, within 1 s and one window, and the margin (FAULTS 16, 17)",
        arguments: [
            (847.0, 847.0), (0, 1), (-1, 1), (1e9, 900), (.infinity, 900), (.nan, 900), (nil, 900),
        ] as [(Double?, Double)]
    )
    func rateLimited(stated: Double?, least: Double) {
        guard case .hold(let hold) = effect(refusal(.rateLimited, retryAfter: stated)).key else {
            Issue.record("the key is not held")
            return
        }
        #expect(hold >= .seconds(least + 3) && hold <= .seconds(least * 1.05 + 3))
    }

    @Test(
        "a 503 refunds only if it says so, waits, and feeds the breaker",
        arguments: [RefusalKind.backendError, .backendTimeout]
    )
    func unavailable(kind: RefusalKind) {
        let refunded = effect(refusal(kind, refunded: true))
        #expect(refunded.credit == .refund(1) && !refunded.refundUnconfirmed && refunded.provider == .failed)
        let silent = effect(refusal(kind))
        #expect(silent.credit == .doubt && silent.refundUnconfirmed && silent.count == .provider)
        guard case .schedule(let wait) = silent.job else {
            Issue.record("the job does not wait")
            return
        }
        #expect((Duration.seconds(15)...(.seconds(30))).contains(wait))
        #expect(effect(refusal(kind), providerFailures: 19).job == .fail)
    }

    @Test("only what provably never left gives its slot back")
    func notSent() {
        let never = effect(.notSent(.connectionFailed, provably: true))
        #expect(
            never.slot == .free && never.credit == .release && never.outcome == .unsent && never.provider == .silent
        )
        let half = effect(.notSent(.fencePassed, provably: false))
        #expect(half.slot == .hold && half.credit == .release && half.job == .queue)
    }

    @Test(
        "a lost answer keeps slot and credit, waits a window, and is held the second time",
        arguments: [
            CreateUnknown.Reason.connectionLost, .timedOut, .malformedAnswer, .truncatedAnswer, .serverError,
        ]
    )
    func lostAnswer(reason: CreateUnknown.Reason) {
        let first = effect(unknown(reason))
        #expect(first.slot == .keep && first.credit == .doubt && first.count == .unknown)
        #expect(first.job == .schedule(.seconds(900)) && first.key == .grace(.seconds(60)))
        #expect(effect(unknown(reason), unknowns: 1).job == .hold)
    }

    @Test("--on-ambiguous decides what a lost answer does")
    func policies() {
        #expect(effect(unknown(.timedOut), onAmbiguous: .retry).job == .schedule(.seconds(60)))
        #expect(effect(unknown(.timedOut), onAmbiguous: .hold).job == .hold)
        #expect(effect(unknown(.timedOut), onAmbiguous: .fail).job == .fail)
    }
}
