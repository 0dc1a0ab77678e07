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
        switch authenticate(secret) {
        case .failure(let refusal):
            return finish(refusal.answer(record), plan)
        case .success(let key):
            record.key = keys[key].settings.name
            keys[key].turnMonth(at: now)
            return finish(decide(request, key: key, plan: plan, record: record), plan)
        }
    }

    /// Runs the checks in their order, then charges, then asks the backend.
    private mutating func decide(
        _ request: Result<GenerationRequest, RequestProblem>,
        key: Int,
        plan: FaultPlan,
        record: RequestRecord
    ) -> Answer {
        for check in configuration.checkOrder.checks {
            if let answer = refuse(request, for: check, key: key, plan: plan, record: record) { return answer }
        }
        let accepted: GenerationRequest
        switch request {
        case .failure(let problem): return refuse(badRequest(problem), key: key, record)
        case .success(let request): accepted = request
        }
        if plan.answer == .internalError { return serverError(key: key, plan, record) }
        charge(key)
        if let code = unavailability(plan) { return unavailable(code, key: key, plan, record) }
        return accept(accepted, key: key, record: record)
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
        let body = CreateBody.started(
            generation.id,
            used: Self.creditsPerGeneration,
            remaining: orgs[keys[key].org].credits,
            monthlyUsed: keys[key].monthlyUsed,
            monthlyLimit: keys[key].settings.monthlyLimit
        )
        return Answer(status: 200, body: .json(body), record: record)
    }

    private mutating func start(_ request: GenerationRequest, key: Int) -> Generation {
        let outcome: Generation.Outcome =
            plays(faults.generationFailureRate)
            ? .failed : plays(faults.endlessGenerationRate) ? .endless : .completed
        let work = random.duration(in: configuration.times[request.mode])
        let (startsAt, endsAt) = backend.schedule(work, at: now, isEndless: outcome == .endless)
        let generation = Generation(
            ordinal: generations.accepted,
            id: random.identifier(),
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
}
