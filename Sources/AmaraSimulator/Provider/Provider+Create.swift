import AmaraAPI

extension Provider {
    /// What one generation costs, in any mode.
    ///
    /// Source: the reference, "Generation Modes".
    static let creditsPerGeneration = 1

    /// Answers a POST.
    ///
    /// `secret` is the bearer token, `nil` when there was none; `request` is the checked body, or what is wrong with
    /// it; `plan` is what ``plan(_:at:)`` drew for this request.
    package mutating func create(
        secret: String?,
        request: Result<GenerationRequest, RequestProblem>,
        plan: FaultPlan = FaultPlan(),
        at instant: Duration
    ) -> Answer {
        advance(to: instant)
        var record = RequestRecord(.create, at: now)
        record.isCounted = false
        record.isAccepted = false
        if plan.answer == .lostBeforeCounting { return lost(record, plan) }
        if case .success(let request) = request {
            record.imageSHA256 = request.imageSHA256
            record.fingerprint = request.fingerprint
        }
        let key: Int
        switch authenticate(secret, record) {
        case .failure(let refusal): return spoil(refusal.answer(record), plan)
        case .success(let index): key = index
        }
        record.key = keys[key].settings.name
        keys[key].turnMonth(at: now)
        return spoil(decide(request, key: key, plan: plan, record: record), plan)
    }

    private mutating func decide(
        _ request: Result<GenerationRequest, RequestProblem>,
        key: Int,
        plan: FaultPlan,
        record: RequestRecord
    ) -> Answer {
        for check in configuration.checkOrder.checks {
            switch check {
            case .rateLimit:
                if let answer = refuseByRate(key, record) { return answer }
            case .request:
                if case .failure(let problem) = request {
                    return refuse(badRequest(problem), key: key, record)
                }
            case .credits:
                if let refusal = insufficientCredits(key, plan) { return refuse(refusal, key: key, record, plan) }
            }
        }
        guard case .success(let request) = request else {
            return refuse(badRequest(.body("Request body is not a JSON object")), key: key, record)
        }
        if plan.answer == .internalError {
            return serverError(key: key, record, plan)
        }
        charge(key)
        if let code = unavailability(plan) { return unavailable(code, key: key, record, plan) }
        return accept(request, key: key, record: record)
    }

    // MARK: Refusals

    private mutating func refuseByRate(_ key: Int, _ record: RequestRecord) -> Answer? {
        let standing = keys[key].window.standing(at: limiterNow)
        if standing.allows { return nil }
        keys[key].window.refuse(at: limiterNow)
        var record = record
        record.windowUsed = standing.used
        var seconds = max(1, standing.retryAfter.inSecondsRoundedUp)
        if plays(faults.bareRateLimitRate) {
            record.fault = AnswerFault.bareRateLimit.rawValue
            record.status = 429
            return Answer(status: 429, body: .empty, record: record)
        }
        if plays(faults.absurdRetryAfterRate) {
            record.fault = AnswerFault.absurdRetryAfter.rawValue
            seconds = faults.absurdRetryAfterSeconds
        }
        let body = ErrorBody.rateLimit(standing, retryAfterSeconds: seconds)
        return Refusal(status: 429, code: .rateLimitExceeded, body: body).answer(record)
    }

    private func badRequest(_ problem: RequestProblem) -> Refusal {
        switch problem {
        case .body(let message): Refusal(status: 400, body: ErrorBody.plain(message))
        case .image(let message): Refusal(status: 400, code: .imageValidation, body: ErrorBody.image(message))
        }
    }

    private func insufficientCredits(_ key: Int, _ plan: FaultPlan) -> Refusal? {
        if keys[key].isSpent {
            let body = ErrorBody.plain("API key monthly limit reached", code: .keyLimitExceeded)
            return Refusal(status: 402, code: .keyLimitExceeded, body: body)
        }
        let available = orgs[keys[key].org].credits
        if available < Self.creditsPerGeneration {
            let body = ErrorBody.credits(required: Self.creditsPerGeneration, available: available)
            return Refusal(status: 402, code: .billing, body: body)
        }
        if plan.answer == .creditError {
            return Refusal(status: 402, code: .credit, body: ErrorBody.plain("Failed to deduct credits", code: .credit))
        }
        return nil
    }

    /// Answers a refusal of an accepted key, which may count in its window.
    private mutating func refuse(
        _ refusal: Refusal,
        key: Int,
        _ record: RequestRecord,
        _ plan: FaultPlan = FaultPlan()
    ) -> Answer {
        var record = record
        if configuration.countedStatuses.contains(refusal.status) { count(key, &record) }
        if plan.answer != nil { record.fault = plan.name }
        return refusal.answer(record)
    }

    private mutating func serverError(key: Int, _ record: RequestRecord, _ plan: FaultPlan) -> Answer {
        var record = record
        count(key, &record)
        record.fault = plan.name
        return Refusal(status: 500, body: ErrorBody.plain("Internal server error")).answer(record)
    }

    private func unavailability(_ plan: FaultPlan) -> ErrorCode? {
        if plan.answer == .backendTimeout { return .backendTimeout }
        if plan.answer == .backendError || faults.outages.contains(where: { $0.covers(now) }) { return .backendError }
        return nil
    }

    private mutating func unavailable(
        _ code: ErrorCode,
        key: Int,
        _ record: RequestRecord,
        _ plan: FaultPlan
    ) -> Answer {
        let refunded = refund(key, at: now)
        var answer = refuse(
            Refusal(status: 503, code: code, body: ErrorBody.unavailable(code, refunded: refunded)),
            key: key,
            record
        )
        answer.record.fault = plan.name ?? "outage"
        return answer
    }

    // MARK: Effects

    /// The instant that the rate limiter sees.
    private var limiterNow: Duration {
        let grain = configuration.limiterGranularity.inMicroseconds
        guard grain > 1 else { return now }
        let instant = now.inMicroseconds
        return .microseconds(instant - instant % grain)
    }

    /// Counts a POST in its key's window, if it has room.
    private mutating func count(_ key: Int, _ record: inout RequestRecord) {
        if keys[key].window.standing(at: limiterNow).allows {
            keys[key].window.count(at: limiterNow)
            record.isCounted = true
        } else {
            keys[key].window.refuse(at: limiterNow)
        }
        record.windowUsed = keys[key].window.standing(at: limiterNow).used
    }

    private mutating func charge(_ key: Int) {
        orgs[keys[key].org].credits -= Self.creditsPerGeneration
        keys[key].monthlyUsed += Self.creditsPerGeneration
    }

    /// Gives a credit back, now or later, unless a fault keeps it.
    ///
    /// `event` is when the reason for the refund arises. The result is the flag to report; `nil` leaves it out.
    private mutating func refund(_ key: Int, at event: Duration) -> Bool? {
        if !plays(faults.absentRefundRate) {
            refunds.insert(Refund(due: event + faults.refundDelay, key: key))
        }
        advance(to: now)
        return plays(faults.missingRefundFlagRate) ? nil : true
    }

    private mutating func accept(_ request: GenerationRequest, key: Int, record: RequestRecord) -> Answer {
        var record = record
        count(key, &record)
        let generation = start(request, key: key)
        record.status = 200
        record.isAccepted = true
        record.generationID = generation.id
        record.outcome = generation.outcome
        record.endsMicroseconds = generation.endsAt.inMicroseconds
        return Answer(status: 200, body: .json(createBody(generation.id, key: key)), record: record)
    }

    private mutating func start(_ request: GenerationRequest, key: Int) -> Generation {
        let outcome: Generation.Outcome =
            plays(faults.generationFailureRate)
            ? .failed : plays(faults.endlessGenerationRate) ? .endless : .completed
        let work = random.duration(in: configuration.times[request.mode])
        let (startsAt, endsAt) = backend.schedule(work, at: now, isEndless: outcome == .endless)
        let generation = Generation(
            ordinal: generations.accepted,
            id: makeID(),
            key: key,
            fingerprint: request.fingerprint,
            mode: request.mode,
            startsAt: startsAt,
            endsAt: endsAt,
            expiresAt: endsAt + configuration.fileLifetime,
            outcome: outcome,
            refundFlag: outcome == .failed ? refund(key, at: endsAt) : nil
        )
        generations.append(generation)
        return generation
    }

    /// A random UUID, version 4 (RFC 9562, section 5.4).
    private mutating func makeID() -> String {
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(0b11 << 62) | (0b10 << 62)
        let digits = Hexadecimal.text(
            [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        )
        var id = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { id += "-" }
            id.append(digit)
        }
        return id
    }

    /// Source: the reference, "Create Generation".
    private func createBody(_ id: String, key: Int) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "generation_id", value: .string(id)),
            .init(name: "status", value: "processing"),
            .init(name: "message", value: "Generation started. Poll the status endpoint for updates."),
            .init(name: "credits_used", value: .integer(Int64(Self.creditsPerGeneration))),
            .init(name: "credits_remaining", value: .integer(Int64(orgs[keys[key].org].credits))),
        ]
        if let limit = keys[key].settings.monthlyLimit {
            members.append(.init(name: "key_monthly_used", value: .integer(Int64(keys[key].monthlyUsed))))
            members.append(.init(name: "key_monthly_limit", value: .integer(Int64(limit))))
        }
        return .object(members)
    }
}
