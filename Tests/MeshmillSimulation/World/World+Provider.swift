import AmaraAPI
import AmaraSimulator
import Foundation
import MeshmillStore

extension Scenario {
    /// The provider with this scenario's keys and orgs.
    var providerConfiguration: ProviderConfiguration {
        var configuration = provider
        configuration.keys = keys.indices.map { index in
            var key = KeyConfiguration.simulated(index + 1, seed: seed, org: "org-\(keys[index].org + 1)")
            key.monthlyLimit = keys[index].providerMonthlyLimit
            key.monthTurnsAt = keys[index].monthTurnsAt
            return key
        }
        configuration.orgs = orgCredits.enumerated().map { .init(name: "org-\($0.offset + 1)", credits: $0.element) }
        configuration.monthLength = monthLength
        return configuration
    }

    /// Of every month of the provider after the first.
    var monthLength: Duration { kind == .long ? .seconds(30 * 86_400) : window * 15 }

    func secret(ofKey name: String) -> String? {
        keys.indices.first { "sim-\($0 + 1)" == name }
            .map { KeyConfiguration.simulated($0 + 1, seed: seed, org: "").secret }
    }
}

extension World {
    /// Sends one POST: it travels, is counted, and its answer travels back, or not.
    ///
    /// What the guarantee supposes holds: nothing is counted later than the deadline and a grace after the claim, nor
    /// later than a grace after the sender saw the connection fail.
    func transmit(
        _ attempt: ClaimedAttempt,
        for worker: SimulatedWorker,
        deadline: Duration,
        then: @escaping (CreateOutcome) -> Void
    ) {
        let plan = provider.plan(.create, at: now)
        let travel = chance.time(.milliseconds(1) ... .milliseconds(30))
        var arrival = travel + plan.arrivalDelay
        var back = plan.answerDelay + chance.time(.milliseconds(1) ... .milliseconds(30))
        var brokenAfter: Duration?
        var isLate = false
        if isFaulty, chance.happens(0.02) {
            let seen = chance.time(.milliseconds(1) ... .milliseconds(300))
            brokenAfter = seen
            arrival = seen + chance.time(.zero...scenario.grace * 0.98)
        } else if isFaulty, chance.happens(0.02) {
            isLate = true
            back = scenario.deadline
        }
        let latest = deadline + scenario.grace * 0.98 - now
        arrival = min(arrival, latest)
        let exchange = Exchange()
        after(arrival, nil, "POST of job \(attempt.jobID) is counted") { [self] in
            let before = mayKeepRefunds ? credits() : []
            let answer = provider.create(
                secret: scenario.secret(ofKey: attempt.keyName),
                request: .success(request(of: attempt)),
                plan: plan,
                at: now
            )
            observer.see(answer, of: attempt.attemptID, at: now)
            hear(answer.record, creditsBefore: before)
            if brokenAfter != nil, answer.record.isCounted == true { note(.straggler) }
            if isLate, answer.status != nil { note(.answerTooLate) }
            exchange.answer = answer
            losePost(of: worker)
        }
        let patience = deadline - now
        let end = brokenAfter ?? min(arrival + back, patience)
        if scenario.kind == .saturated { observer.exchanges[attempt.keyName, default: []].append((now, end)) }
        after(end, worker, "answer for job \(attempt.jobID)") { [self] in
            guard brokenAfter == nil, arrival + back < patience else {
                let reason: CreateUnknown.Reason = brokenAfter == nil ? .timedOut : .connectionLost
                return then(.unknown(CreateUnknown(reason: reason, message: "no answer came")))
            }
            guard let answer = exchange.answer, let status = answer.status else {
                return then(.unknown(CreateUnknown(reason: .connectionLost, message: "no answer came")))
            }
            observer.noteHeard(attempt.attemptID)
            then(CreateOutcome(WholeAnswer(status: status, body: answer.bytes)))
        }
    }

    /// The answer of one POST, once there is one.
    private final class Exchange {
        var answer: Answer?
    }

    private func request(of attempt: ClaimedAttempt) -> GenerationRequest {
        GenerationRequest(imageSHA256: observer.text(attempt.inputSHA256))
    }

    /// Polls once, with a key.
    func ask(
        _ generation: SimulatedGeneration,
        withKey keyName: String,
        for worker: SimulatedWorker,
        then: @escaping (StatusOutcome) -> Void
    ) {
        let plan = provider.plan(.status, at: now)
        let answer = provider.status(
            secret: scenario.secret(ofKey: keyName),
            id: generation.generationID,
            origin: "http://provider",
            plan: plan,
            at: now
        )
        observer.see(answer.record, at: now)
        if answer.record.fault != nil { note(.readFailed) }
        noteRefusal(answer.record)
        after(plan.answerDelay, worker, "status of job \(generation.jobID)") {
            guard let status = answer.status else { return then(.network(.connectionLost)) }
            then(StatusOutcome(WholeAnswer(status: status, body: answer.bytes), for: generation.generationID))
        }
    }

    /// Downloads once; `then` hears whether the file is whole.
    func fetch(
        _ generation: SimulatedGeneration,
        for worker: SimulatedWorker,
        then: @escaping (_ isWhole: Bool) -> Void
    ) {
        let plan = provider.plan(.download, at: now)
        let answer = provider.download(
            secret: scenario.secret(ofKey: generation.keyName),
            id: generation.generationID,
            plan: plan,
            at: now
        )
        observer.see(answer.record, at: now)
        if let fault = answer.record.fault { note(FaultKind(logged: fault) == .badFile ? .badFile : .readFailed) }
        after(plan.answerDelay, worker, "download of job \(generation.jobID)") {
            then(answer.record.isDelivered == true)
        }
    }

    /// Counts the faults that the provider's log of POSTs names, where they had their effect.
    private func hear(_ record: RequestRecord, creditsBefore before: [Int]) {
        if let trace {
            trace("    provider: \(record.status.map(String.init) ?? "no answer") \(record.code?.rawValue ?? "")")
        }
        noteRefusal(record)
        let fault = record.fault.flatMap(FaultKind.init(logged:))
        if let fault, fault != .answerLostAfterCounting || record.isCounted == true { note(fault) }
        if record.status == 503, !before.isEmpty { noteRefund(dueAt: now, creditsBefore: before) }
        switch record.outcome {
        case .failed:
            note(.generationFailed)
            if !before.isEmpty, let ends = record.endsMicroseconds {
                noteRefund(dueAt: .microseconds(ends), creditsBefore: [])
            }
        case .endless: note(.generationEndless)
        case .completed, nil: break
        }
    }

    /// What a refused key does to whoever asks with it.
    private func noteRefusal(_ record: RequestRecord) {
        if record.status == 401 || record.status == 403 { note(.keyRefused) }
    }

    private var mayKeepRefunds: Bool {
        !scenario.isLarge && (provider.faults.refundDelay > .zero || provider.faults.absentRefundRate > 0)
    }

    private func credits() -> [Int] { provider.state(at: now).orgs.map(\.credits) }

    /// Notes a refund that comes late, or never: what the orgs' credits would do if nothing else happened.
    private func noteRefund(dueAt event: Duration, creditsBefore before: [Int]) {
        let due = event + provider.faults.refundDelay
        var future = provider
        let earlier = due > now ? future.state(at: due - .microseconds(1)).orgs.map(\.credits) : before
        let later = future.state(at: due).orgs.map(\.credits)
        // At once: the credit that was taken is there again. Later: there is one more.
        let isPaid = due > now ? later != earlier : later == before
        if !isPaid {
            note(.refundAbsent)
        } else if provider.faults.refundDelay > .zero {
            note(.refundLate)
        }
    }
}

extension Answer {
    /// The body as it would travel; files do not, since nobody reads them here.
    fileprivate var bytes: [UInt8] {
        switch body {
        case .empty, .mesh, .thumbnail: []
        case .json(let value): Array(value.text.utf8)
        case .text(let text, _): Array(text.utf8)
        }
    }
}
