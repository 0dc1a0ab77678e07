extension Provider {
    /// Answers a GET with `download=true`.
    ///
    /// A generation that is not completed, or whose files are gone, gives 404 or 400: the reference names no status.
    package mutating func download(
        secret: String?,
        id: String?,
        plan: FaultPlan = FaultPlan(),
        at instant: Duration
    ) -> Answer {
        advance(to: instant)
        return finish(read(secret: secret, id: id, plan: plan), plan)
    }

    private mutating func read(secret: String?, id: String?, plan: FaultPlan) -> Answer {
        var record = RequestRecord(.download, at: now)
        record.isDelivered = false
        switch find(secret: secret, id: id, plan: plan, record: &record) {
        case .failure(let refusal): return refusal.answer(record)
        case .success(nil): return lost(record, plan)
        case .success(let generation?):
            guard generation.hasEnded(at: now) else {
                return Refusal(status: 400, body: ErrorBody.plain("Generation is not completed yet")).answer(record)
            }
            guard generation.outcome == .completed else {
                return Refusal(status: 400, body: ErrorBody.plain("Generation failed")).answer(record)
            }
            guard now < generation.expiresAt else {
                return Refusal(status: 404, body: ErrorBody.plain("File is no longer available")).answer(record)
            }
            return deliver(generation, plan, record)
        }
    }

    /// Answers a GET of a signed address, which needs no token.
    ///
    /// `kind` is ``RequestKind/mesh`` or ``RequestKind/thumbnail``, `expires` the address's expiry in microseconds
    /// since the start. A wrong signature gives 403; the address gives 410 once it has expired.
    package mutating func file(
        _ kind: RequestKind,
        id: String,
        expires: Int64,
        signature text: String,
        plan: FaultPlan = FaultPlan(),
        at instant: Duration
    ) -> Answer {
        advance(to: instant)
        return finish(open(kind, id: id, expires: expires, signature: text, plan: plan), plan)
    }

    private mutating func open(
        _ kind: RequestKind,
        id: String,
        expires: Int64,
        signature text: String,
        plan: FaultPlan
    ) -> Answer {
        var record = RequestRecord(kind, at: now)
        record.generationID = id
        record.isDelivered = false
        if plan.answer == .lostBeforeCounting { return lost(record, plan) }
        if plan.answer == .internalError {
            record.fault = plan.name
            return Refusal.internalError.answer(record)
        }
        guard signature.isValid(text, kind, id: id, expires: expires) else {
            return Refusal(status: 403, body: ErrorBody.plain("Invalid signature")).answer(record)
        }
        guard now.inMicroseconds < expires, let generation = generations[id] else {
            return Refusal(status: 410, body: ErrorBody.plain("Address has expired")).answer(record)
        }
        return deliver(generation, plan, record)
    }

    private mutating func deliver(_ generation: Generation, _ plan: FaultPlan, _ record: RequestRecord) -> Answer {
        var record = record
        record.status = 200
        record.fault = plan.name
        let recipe = MeshRecipe(
            fingerprint: generation.fingerprint,
            mode: generation.mode,
            bytes: configuration.meshBytes
        )
        if record.kind == .thumbnail {
            record.isDelivered = true
            return Answer(status: 200, body: .thumbnail(recipe), record: record)
        }
        record.isDelivered = plan.file == nil
        if plan.file == nil { generations.noteDownload(of: generation.id) }
        let body = Answer.Body.mesh(recipe, assetName: generation.assetName, damage: plan.file)
        return Answer(status: 200, body: body, record: record)
    }
}
