/// What a job has used up of its tries, and what it may.
package struct FailureBudget: Sendable, Hashable {
    /// Failures of the provider that a job survives; they do not count against `maxAttempts`.
    package static let maximumProviderFailures = 20

    /// Failures by its own fault so far.
    package var failures: Int
    /// Failures of the provider so far.
    package var providerFailures: Int
    /// Attempts whose answer never came so far.
    package var unknowns: Int
    /// How many failures of its own fail it.
    package var maxAttempts: Int
    package var onAmbiguous: AmbiguityPolicy

    package init(
        failures: Int,
        providerFailures: Int,
        unknowns: Int,
        maxAttempts: Int,
        onAmbiguous: AmbiguityPolicy
    ) {
        self.failures = failures
        self.providerFailures = providerFailures
        self.unknowns = unknowns
        self.maxAttempts = maxAttempts
        self.onAmbiguous = onAmbiguous
    }

    /// What a job does after one more failure by its own fault.
    package func afterOwnFailure(
        _ backoff: Backoff,
        using random: inout some RandomNumberGenerator
    ) -> AnswerEffect.Job {
        failures + 1 >= maxAttempts ? .fail : .schedule(backoff.wait(afterFailures: failures + 1, using: &random))
    }

    /// What a job does after one more failure of the provider.
    package func afterProviderFailure(
        _ backoff: Backoff,
        using random: inout some RandomNumberGenerator
    ) -> AnswerEffect.Job {
        providerFailures + 1 >= Self.maximumProviderFailures
            ? .fail : .schedule(backoff.wait(afterFailures: providerFailures + 1, using: &random))
    }

    /// Why an answer never came.
    package enum UnknownCause: Sendable, Hashable {
        /// It was lost on the way, or made no sense.
        case answerLost
        /// Our own worker ended before it could record it.
        case workerLost

        /// Retries that may each cost a credit once more before a person is asked.
        ///
        /// One for a lost answer; two for a lost worker, since a few random kills must not hold an innocent job.
        var retries: Int {
            switch self {
            case .answerLost: 1
            case .workerLost: 2
            }
        }
    }

    /// What a job does after a POST whose answer never came.
    ///
    /// - Parameters:
    ///   - cause: why it never came.
    ///   - window: the key's rate window, the longest wait for evidence.
    ///   - grace: how long after its deadline a request may still be counted.
    /// - Returns: a wait for evidence or for the grace, or the hold that only a person ends.
    package func afterUnknown(_ cause: UnknownCause, window: Duration, grace: Duration) -> AnswerEffect.Job {
        switch onAmbiguous {
        case .evidence: unknowns < cause.retries ? .schedule(max(window, grace)) : .hold
        case .retry: .schedule(grace)
        case .hold: .hold
        case .fail: .fail
        }
    }
}
