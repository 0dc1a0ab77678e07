package import AmaraAPI
package import MeshmillCore

extension AnswerEffect {
    /// What the worker knows beside the answer.
    package struct Context: Sendable, Hashable {
        /// The key's rate window.
        package var window: Duration
        /// Added to the window, and to every wait that the provider names.
        package var margin: Duration
        package var grace: Duration
        package var budget: FailureBudget

        package init(
            window: Duration,
            margin: Duration? = nil,
            grace: Duration,
            budget: FailureBudget
        ) {
            self.window = window
            self.margin = margin ?? Margin.standard(forWindow: window)
            self.grace = grace
            self.budget = budget
        }

        var scale: TimeScale { TimeScale(window: window) }
        var backoff: Backoff { .provider.scaled(scale) }

        /// The first wait after a failure of the provider, without counting one.
        func snooze(using random: inout some RandomNumberGenerator) -> Job {
            .schedule(backoff.wait(afterFailures: 1, using: &random))
        }

        /// A month is probed after 1 h, doubling to 24 h; an account after 15 min, doubling to 6 h; both scaled.
        func parkedKey() -> Key { .park(scale(.seconds(3_600)), cap: scale(.seconds(86_400))) }
        func disabledKey() -> Key { .disable(scale(.seconds(3_600)), cap: scale(.seconds(86_400))) }
        func parkedOrg() -> Org { .park(scale(.seconds(900)), cap: scale(.seconds(21_600))) }
    }

    /// What the end of a POST does to job, key, org, slot and credits: one total function, no default.
    ///
    /// Source: KEYPOOL section 8.
    package init(_ outcome: CreateOutcome, _ context: Context, using random: inout some RandomNumberGenerator) {
        switch outcome {
        case .accepted(let accepted): self.init(accepted, context)
        case .refused(let refusal): self.init(refusal, context, using: &random)
        case .notSent(let reason, let isProvable):
            self.init(notSent: reason, isProvable: isProvable, context, using: &random)
        case .unknown(let unknown): self.init(unknown, context)
        }
    }

    private init(_ accepted: CreateAccepted, _ context: Context) {
        let isLastCredit = accepted.creditsRemaining.map { $0 <= 0 } ?? false
        self.init(
            .generating,
            credit: .charge(min(max(accepted.creditsUsed ?? 1, 0), 1_000)),
            job: .generating,
            org: isLastCredit ? context.parkedOrg() : .none,
            message: isLastCredit ? "the provider says that no credits remain" : nil
        )
    }

    private init(
        _ refusal: CreateRefusal,
        _ context: Context,
        using random: inout some RandomNumberGenerator
    ) {
        let budget = context.budget
        func refused(
            credit: Credit = .release,
            job: Job,
            count: Count = .none,
            key: Key = .none,
            org: Org = .none,
            provider: Provider = .healthy,
            verdict: Verdict = .other,
            refundUnconfirmed: Bool = false
        ) -> AnswerEffect {
            AnswerEffect(
                .refused,
                credit: credit,
                job: job,
                count: count,
                key: key,
                org: org,
                provider: provider,
                verdict: verdict,
                code: refusal.code?.rawValue ?? refusal.kind.rawValue,
                message: refusal.message,
                refundUnconfirmed: refundUnconfirmed
            )
        }
        switch refusal.kind {
        case .imageInvalid:
            self = refused(job: .fail, count: .own, verdict: .rejected)
        case .payloadTooLarge:
            self = refused(job: .fail, count: .own)
        case .badRequest:
            // Once more with another key, in case it was the key's or the moment's fault.
            let job: Job =
                budget.failures >= 1 || budget.maxAttempts <= 1
                ? .fail : .schedule(context.scale(.seconds(60)))
            self = refused(job: job, count: .own, verdict: .rejected)
        case .unauthorized:
            self = refused(job: .queue, key: context.disabledKey(), verdict: .unauthorized)
        case .forbidden:
            self = refused(job: .queue, key: context.disabledKey(), verdict: .forbidden)
        case .orgOutOfCredits, .paymentRequired:
            self = refused(job: .queue, org: context.parkedOrg())
        case .keyLimitExceeded:
            self = refused(job: .queue, key: context.parkedKey())
        case .creditError:
            // The org's breaker is the third of these in a row; until then the job comes back without a mark.
            self = refused(credit: .doubt, job: context.snooze(using: &random), verdict: .creditError)
        case .rateLimited:
            self = refused(
                job: .queue,
                key: .hold(Self.hold(refusal.retryAfter, context, using: &random)),
                verdict: .rateLimited
            )
        case .backendTimeout, .backendError:
            let isRefunded = refusal.creditsRefunded == true
            self = refused(
                credit: isRefunded ? .refund(1) : .doubt,
                job: budget.afterProviderFailure(context.backoff, using: &random),
                count: .provider,
                provider: .failed,
                verdict: .providerFailed,
                refundUnconfirmed: !isRefunded
            )
        case .endpointMissing:
            // Nothing that a job or a key could mend: it waits, uncounted, for whoever mends the address.
            self = refused(job: context.snooze(using: &random), provider: .broken)
        case .redirected:
            self = refused(credit: .doubt, job: context.snooze(using: &random), provider: .broken)
        case .requestTimeout:
            self = refused(
                credit: .doubt,
                job: context.snooze(using: &random),
                provider: .failed,
                verdict: .providerFailed
            )
        }
    }

    /// How long a 429 holds the key: what it says, from 1 s to one window, then the margin, and jitter on top.
    ///
    /// What is no number is as good as the longest wait: nothing is known to be free earlier.
    private static func hold(
        _ retryAfter: Double?,
        _ context: Context,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let longest = context.window / .seconds(1)
        let stated = retryAfter.flatMap { $0.isFinite ? $0 : nil } ?? longest
        let seconds = min(max(stated, min(1, longest)), longest)
        return .seconds(seconds * Double.random(in: 1...1.05, using: &random)) + context.margin
    }

    private init(
        notSent reason: NotSentReason,
        isProvable: Bool,
        _ context: Context,
        using random: inout some RandomNumberGenerator
    ) {
        let job: Job
        switch reason {
        case .fencePassed, .deadlinePassed, .cancelled: job = .queue
        case .nameNotResolved, .connectionFailed, .connectTimeout, .tlsFailed, .proxyFailed, .connectionLost,
            .invalidRequest:
            job = .schedule(.seconds(Double.random(in: 0.2...1, using: &random)))
        }
        // A head without its body makes no generation, but a strict server may have counted it.
        self.init(
            .unsent,
            slot: isProvable ? .free : .hold,
            credit: .release,
            job: job,
            provider: .silent,
            code: reason.rawValue,
            message: "the request was not sent (\(reason.rawValue.replacing("_", with: " ")))"
        )
    }

    private init(_ unknown: CreateUnknown, _ context: Context) {
        self.init(
            .answerLost,
            message: unknown.message,
            code: "unknown_" + unknown.reason.rawValue,
            context,
            provider: unknown.reason == .cancelled ? .silent : .failed
        )
    }

    /// The effect of a POST whose answer will never come.
    package init(
        _ cause: FailureBudget.UnknownCause,
        message: String,
        code: String,
        _ context: Context,
        provider: Provider
    ) {
        self.init(
            .unknown,
            slot: .keep,
            credit: .doubt,
            job: context.budget.afterUnknown(cause, window: context.window, grace: context.grace),
            count: .unknown,
            key: .grace(context.grace),
            provider: provider,
            verdict: provider == .failed ? .providerFailed : nil,
            code: code,
            message: message
        )
    }
}
