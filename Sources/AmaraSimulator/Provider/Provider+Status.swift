extension Provider {
    /// Answers a poll.
    ///
    /// `id` is the query's, `nil` when it has none; `origin` is the scheme, host and port that the addresses of files
    /// start with.
    package mutating func status(
        secret: String?,
        id: String?,
        origin: String,
        plan: FaultPlan = FaultPlan(),
        at instant: Duration
    ) -> Answer {
        advance(to: instant)
        var record = RequestRecord(.status, at: now)
        switch find(secret: secret, id: id, plan: plan, record: &record) {
        case .failure(let refusal): return finish(refusal.answer(record), plan)
        case .success(nil): return lost(record, plan)
        case .success(let generation?):
            record.status = 200
            let body = statusBody(generation, origin: origin)
            return finish(Answer(status: 200, body: .json(body), record: record), plan)
        }
    }

    /// The generation that a GET asks for.
    ///
    /// - Returns: `nil` when a fault closes the connection.
    func find(
        secret: String?,
        id: String?,
        plan: FaultPlan,
        record: inout RequestRecord
    ) -> Result<Generation?, Refusal> {
        if plan.answer == .lostBeforeCounting { return .success(nil) }
        let key: Int
        switch authenticate(secret) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let index): key = index
        }
        record.key = keys[key].settings.name
        if plan.answer == .internalError {
            record.fault = plan.name
            return .failure(Refusal.internalError)
        }
        guard let id, !id.isEmpty else {
            return .failure(Refusal(status: 400, body: ErrorBody.plain("Missing required parameter: id")))
        }
        guard let generation = generations[id], mayRead(generation, key) else {
            // The same answer for an id of somebody else: whether it exists is nobody's business.
            return .failure(Refusal(status: 404, body: ErrorBody.plain("Generation not found")))
        }
        record.generationID = id
        return .success(generation)
    }

    private func mayRead(_ generation: Generation, _ key: Int) -> Bool {
        generation.key == key
            || (configuration.sharesGenerationsInOrg && keys[generation.key].org == keys[key].org)
    }

    private func statusBody(_ generation: Generation, origin: String) -> JSONValue {
        if now < generation.startsAt {
            return StatusBody.queued(
                generation.id,
                position: backend.position(of: generation.ordinal),
                total: backend.unfinished
            )
        }
        guard generation.hasEnded(at: now) else {
            return StatusBody.processing(generation.id, progress: progress(generation), total: backend.unfinished)
        }
        if generation.outcome == .failed { return StatusBody.failed(generation.id, refunded: generation.refundFlag) }
        return StatusBody.completed(
            generation,
            glb: origin + signature.path(.mesh, of: generation),
            thumbnail: origin + signature.path(.thumbnail, of: generation),
            expiresIn: max(.zero, generation.expiresAt - now).inMicroseconds / 1_000_000
        )
    }

    /// Percentage of the work that is done, from 0 to 99.
    private func progress(_ generation: Generation) -> Int {
        let whole = max(1, (generation.endsAt - generation.startsAt).inMicroseconds)
        let done = (now - generation.startsAt).inMicroseconds
        return Int(min(99, done * 100 / whole))
    }
}
