package import MeshmillCore

/// One answer as `meshmill.settle` reads it: its effect, and what the provider said.
package struct AnswerRecord: Sendable, Encodable {
    package var attemptID: Int64
    package var effect: AnswerEffect
    /// The provider's id; `nil` unless it was accepted.
    package var generationID: String?
    /// `nil` when there was no answer.
    package var httpStatus: Int?
    /// Credits that the org has left, as the answer said; `nil` when it did not.
    package var creditsRemaining: Int?
    package var keyMonthlyUsed: Int?
    package var keyMonthlyLimit: Int?
    /// What a 429 said of the key's window; `nil` for other answers.
    package var rateLimit: StatedRateLimit?

    package init(
        attemptID: Int64,
        effect: AnswerEffect,
        generationID: String? = nil,
        httpStatus: Int? = nil,
        creditsRemaining: Int? = nil,
        keyMonthlyUsed: Int? = nil,
        keyMonthlyLimit: Int? = nil,
        rateLimit: StatedRateLimit? = nil
    ) {
        self.attemptID = attemptID
        self.effect = effect
        self.generationID = generationID
        self.httpStatus = httpStatus
        self.creditsRemaining = creditsRemaining
        self.keyMonthlyUsed = keyMonthlyUsed
        self.keyMonthlyLimit = keyMonthlyLimit
        self.rateLimit = rateLimit
    }

    /// Whether the answer said more than how the POST ended.
    package var hasNumbers: Bool {
        creditsRemaining != nil || keyMonthlyUsed != nil || keyMonthlyLimit != nil || rateLimit != nil
    }

    /// How the POST ended, and nothing else.
    package var withoutNumbers: AnswerRecord {
        AnswerRecord(attemptID: attemptID, effect: effect, generationID: generationID, httpStatus: httpStatus)
    }

    private enum CodingKeys: String, CodingKey {
        case attempt_id, outcome, generation_id, http_status, error_code, error, refund_unconfirmed
        case credits_remaining, key_monthly_used, key_monthly_limit
        case slot, credit, credits, job, job_delay, counts, provider, verdict
        case stated_limit, stated_used, stated_remaining, retry_after
        case key, key_delay, key_delay_cap, key_reason, org, org_delay, org_delay_cap, org_reason
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(attemptID, forKey: .attempt_id)
        try fields.encode(effect.outcome.rawValue, forKey: .outcome)
        try fields.encodeIfPresent(generationID, forKey: .generation_id)
        try fields.encodeIfPresent(httpStatus, forKey: .http_status)
        try fields.encodeIfPresent(effect.code, forKey: .error_code)
        try fields.encodeIfPresent(effect.message, forKey: .error)
        try fields.encode(effect.refundUnconfirmed, forKey: .refund_unconfirmed)
        try fields.encodeIfPresent(creditsRemaining, forKey: .credits_remaining)
        try fields.encodeIfPresent(keyMonthlyUsed, forKey: .key_monthly_used)
        try fields.encodeIfPresent(keyMonthlyLimit, forKey: .key_monthly_limit)
        try fields.encodeIfPresent(rateLimit?.limit, forKey: .stated_limit)
        try fields.encodeIfPresent(rateLimit?.used, forKey: .stated_used)
        try fields.encodeIfPresent(rateLimit?.remaining, forKey: .stated_remaining)
        try fields.encodeIfPresent(rateLimit?.retryAfter, forKey: .retry_after)
        try fields.encode(effect.slot.rawValue, forKey: .slot)
        try fields.encode(effect.count.rawValue, forKey: .counts)
        try fields.encode(effect.provider.rawValue, forKey: .provider)
        try fields.encodeIfPresent(effect.verdict?.rawValue, forKey: .verdict)
        try encodeCredit(into: &fields)
        try encodeJob(into: &fields)
        try encodeKey(into: &fields)
        try encodeOrg(into: &fields)
    }

    private func encodeCredit(into fields: inout KeyedEncodingContainer<CodingKeys>) throws {
        switch effect.credit {
        case .charge(let credits):
            try fields.encode("charge", forKey: .credit)
            try fields.encode(credits, forKey: .credits)
        case .refund(let credits):
            try fields.encode("refund", forKey: .credit)
            try fields.encode(credits, forKey: .credits)
        case .release: try fields.encode("release", forKey: .credit)
        case .doubt: try fields.encode("doubt", forKey: .credit)
        }
    }

    private func encodeJob(into fields: inout KeyedEncodingContainer<CodingKeys>) throws {
        switch effect.job {
        case .generating: try fields.encode("generating", forKey: .job)
        case .queue: try fields.encode("queue", forKey: .job)
        case .schedule(let delay):
            try fields.encode("schedule", forKey: .job)
            try fields.encode(delay / .seconds(1), forKey: .job_delay)
        case .fail: try fields.encode("fail", forKey: .job)
        case .hold: try fields.encode("hold", forKey: .job)
        }
    }

    private func encodeKey(into fields: inout KeyedEncodingContainer<CodingKeys>) throws {
        func encode(_ action: String, _ delay: Duration, _ cap: Duration? = nil) throws {
            try fields.encode(action, forKey: .key)
            try fields.encode(delay / .seconds(1), forKey: .key_delay)
            try fields.encode((cap ?? delay) / .seconds(1), forKey: .key_delay_cap)
            try fields.encodeIfPresent(effect.message, forKey: .key_reason)
        }
        switch effect.key {
        case .none: try fields.encode("none", forKey: .key)
        case .hold(let delay): try encode("hold", delay)
        case .grace(let delay): try encode("grace", delay)
        case .park(let delay, let cap): try encode("park", delay, cap)
        case .disable(let delay, let cap): try encode("disable", delay, cap)
        }
    }

    private func encodeOrg(into fields: inout KeyedEncodingContainer<CodingKeys>) throws {
        switch effect.org {
        case .none: try fields.encode("none", forKey: .org)
        case .park(let delay, let cap):
            try fields.encode("park", forKey: .org)
            try fields.encode(delay / .seconds(1), forKey: .org_delay)
            try fields.encode(cap / .seconds(1), forKey: .org_delay_cap)
            try fields.encodeIfPresent(effect.message, forKey: .org_reason)
        }
    }
}
