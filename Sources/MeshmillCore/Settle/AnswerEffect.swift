/// What an answer to a POST, or its absence, does to job, key, org, slot and credits.
///
/// A value: decided by the worker in one total function, written by one statement (`meshmill.settle`).
package struct AnswerEffect: Sendable, Hashable {
    /// What became of the attempt.
    package enum Outcome: String, Sendable, Hashable {
        /// The provider took it and named a generation.
        case generating
        /// It was answered, without a generation.
        case refused
        /// No generation can exist: the request never left whole.
        case unsent
        /// It may have been counted, charged and started; its answer never came.
        case unknown
    }

    /// What becomes of the slot.
    package enum Slot: String, Sendable, Hashable {
        /// Free one window and margin after now: the provider counted it by now.
        case hold
        /// Free now: provably no byte was sent.
        case free
        /// As claimed: the provider may still count it.
        case keep
    }

    /// What becomes of the reserved credit.
    package enum Credit: Sendable, Hashable {
        /// Spent.
        case charge(Int)
        /// Never taken.
        case release
        /// Taken and given back by the provider.
        case refund(Int)
        /// Not known; counts as spent after a window without evidence.
        case doubt
    }

    /// What the job does next.
    package enum Job: Sendable, Hashable {
        /// Polls.
        case generating
        /// Waits for another slot, with nothing counted against it: a snooze.
        case queue
        /// Waits at least this long.
        case schedule(Duration)
        /// Ends as failed.
        case fail
        /// Waits for a person.
        case hold
    }

    /// Against which of the job's counters this goes.
    package enum Count: String, Sendable, Hashable {
        case none, own, provider, unknown
    }

    /// What happens to the key.
    package enum Key: Sendable, Hashable {
        case none
        /// No POST for this long; it stays active.
        case hold(Duration)
        /// No POST until the request can no longer be travelling: the earlier of the deadline and now, plus grace.
        case grace(Duration)
        /// Out of its month; probed after this long, doubling to the cap.
        case park(Duration, cap: Duration)
        /// Refused; probed after this long, doubling to the cap.
        case disable(Duration, cap: Duration)
    }

    /// What happens to the org.
    package enum Org: Sendable, Hashable {
        case none
        /// Out of credits; probed after this long, doubling to the cap.
        case park(Duration, cap: Duration)
    }

    /// What the breaker is told.
    package enum Provider: String, Sendable, Hashable {
        /// It answered as it should, be it with a refusal.
        case healthy
        /// It failed; several of these open the breaker.
        case failed
        /// It is not there at all, or elsewhere: one of these opens the breaker.
        case broken
        /// The answer says nothing about it.
        case silent
    }

    /// What the answer says about fault, for the comparison with what other keys and jobs met at the same time.
    package enum Verdict: String, Sendable, Hashable {
        case accepted
        /// The job's fault, or that of the preset which all jobs of its batch share.
        case rejected
        /// The key's fault, or the provider's if many keys meet it at once; and so the next two.
        case unauthorized, forbidden
        case rateLimited = "rate_limited"
        /// The provider failed to deduct a credit.
        case creditError = "credit_error"
        case providerFailed = "provider_failed"
        /// An answer of any other kind.
        case other
    }

    package var outcome: Outcome
    package var slot: Slot
    package var credit: Credit
    package var job: Job
    package var count: Count
    package var key: Key
    package var org: Org
    package var provider: Provider
    /// `nil` when nothing was answered.
    package var verdict: Verdict?
    /// A stable word for `error_code`; `nil` when nothing went wrong.
    package var code: String?
    /// One cleaned line for people; `nil` when nothing went wrong.
    package var message: String?
    /// Whether a failure of the provider came without its word that the credit is back.
    package var refundUnconfirmed: Bool

    package init(
        _ outcome: Outcome,
        slot: Slot = .hold,
        credit: Credit,
        job: Job,
        count: Count = .none,
        key: Key = .none,
        org: Org = .none,
        provider: Provider = .healthy,
        verdict: Verdict? = nil,
        code: String? = nil,
        message: String? = nil,
        refundUnconfirmed: Bool = false
    ) {
        self.outcome = outcome
        self.slot = slot
        self.credit = credit
        self.job = job
        self.count = count
        self.key = key
        self.org = org
        self.provider = provider
        self.verdict = verdict ?? outcome.verdict
        self.code = code
        self.message = message
        self.refundUnconfirmed = refundUnconfirmed
    }
}

extension AnswerEffect.Outcome {
    /// What it says about fault when nothing more is known.
    fileprivate var verdict: AnswerEffect.Verdict? {
        switch self {
        case .generating: .accepted
        case .refused: .other
        case .unsent, .unknown: nil
        }
    }
}
