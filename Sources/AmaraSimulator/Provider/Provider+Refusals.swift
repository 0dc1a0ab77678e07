import AmaraAPI

extension Provider {
    /// Refuses a POST if it fails one check; `nil` when it passes.
    mutating func refuse(
        _ request: Result<GenerationRequest, RequestProblem>,
        for check: CreateCheck,
        key: Int,
        plan: FaultPlan,
        record: RequestRecord
    ) -> Answer? {
        switch check {
        case .rateLimit:
            return refuseByRate(key, record)
        case .request:
            guard case .failure(let problem) = request else { return nil }
            return refuse(badRequest(problem), key: key, record)
        case .credits:
            return insufficientCredits(key, plan, record)
        }
    }

    /// Answers with a refusal, which may count in the key's window.
    mutating func refuse(_ refusal: Refusal, key: Int, _ record: RequestRecord) -> Answer {
        var record = record
        if configuration.countedStatuses.contains(refusal.status) { count(key, &record) }
        return refusal.answer(record)
    }

    func badRequest(_ problem: RequestProblem) -> Refusal {
        switch problem {
        case .body(let message): Refusal(status: 400, body: ErrorBody.plain(message))
        case .image(let message): Refusal(status: 400, code: .imageValidation, body: ErrorBody.image(message))
        }
    }

    /// A crash after counting: nothing is charged, and no generation made.
    mutating func serverError(key: Int, _ plan: FaultPlan, _ record: RequestRecord) -> Answer {
        var record = record
        count(key, &record)
        record.fault = plan.name
        return Refusal.internalError.answer(record)
    }

    /// The code of the 503 that a POST gets although all is well with it; `nil` when the backend serves.
    func unavailability(_ plan: FaultPlan) -> ErrorCode? {
        if plan.answer == .backendTimeout { return .backendTimeout }
        let isDown = plan.answer == .backendError || faults.outages.contains { $0.covers(now) }
        return isDown ? .backendError : nil
    }

    /// Refunds what was charged and says that the backend is away.
    mutating func unavailable(_ code: ErrorCode, key: Int, _ plan: FaultPlan, _ record: RequestRecord) -> Answer {
        var record = record
        let isPlanned = plan.answer == .backendTimeout || plan.answer == .backendError
        record.fault = isPlanned ? plan.name : "outage"
        let body = ErrorBody.unavailable(code, refunded: refund(key, at: now))
        return refuse(Refusal(status: 503, code: code, body: body), key: key, record)
    }

    private mutating func refuseByRate(_ key: Int, _ record: RequestRecord) -> Answer? {
        let standing = keys[key].window.standing(at: limiterNow)
        if standing.allows { return nil }
        keys[key].window.refuse(at: limiterNow)
        var record = record
        record.windowUsed = standing.used
        if plays(faults.bareRateLimitRate) {
            record.fault = AnswerFault.bareRateLimit.rawValue
            record.status = 429
            return Answer(status: 429, body: .empty, record: record)
        }
        // Rounded up, as a client that waits for the whole seconds named must then be served.
        var seconds = standing.retryAfter.inSecondsRoundedUp
        if plays(faults.absurdRetryAfterRate) {
            record.fault = AnswerFault.absurdRetryAfter.rawValue
            seconds = faults.absurdRetryAfterSeconds
        }
        let body = ErrorBody.rateLimit(standing, retryAfterSeconds: seconds)
        return Refusal(status: 429, code: .rateLimitExceeded, body: body).answer(record)
    }

    private mutating func insufficientCredits(_ key: Int, _ plan: FaultPlan, _ record: RequestRecord) -> Answer? {
        if keys[key].isSpent {
            let body = ErrorBody.plain("API key monthly limit reached", code: .keyLimitExceeded)
            return refuse(Refusal(status: 402, code: .keyLimitExceeded, body: body), key: key, record)
        }
        let available = orgs[keys[key].org].credits
        if available < Self.creditsPerGeneration {
            let body = ErrorBody.credits(required: Self.creditsPerGeneration, available: available)
            return refuse(Refusal(status: 402, code: .billing, body: body), key: key, record)
        }
        guard plan.answer == .creditError else { return nil }
        var record = record
        record.fault = plan.name
        let body = ErrorBody.plain("Failed to deduct credits", code: .credit)
        return refuse(Refusal(status: 402, code: .credit, body: body), key: key, record)
    }
}
