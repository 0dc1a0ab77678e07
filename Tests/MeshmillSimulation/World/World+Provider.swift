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
        configuration.monthLength = kind == .long ? .seconds(30 * 86_400) : window * 15
        return configuration
    }

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
        if isFaulty, chance.happens(0.02) {
            note(.straggler)
            let seen = chance.time(.milliseconds(1) ... .milliseconds(300))
            brokenAfter = seen
            arrival = seen + chance.time(.zero...scenario.grace * 0.98)
        } else if isFaulty, chance.happens(0.02) {
            note(.answerTooLate)
            back = scenario.deadline
        }
        let latest = deadline + scenario.grace * 0.98 - now
        arrival = min(arrival, latest)
        let exchange = Exchange()
        after(arrival, nil, "POST of job \(attempt.jobID) is counted") { [self] in
            let answer = provider.create(
                secret: scenario.secret(ofKey: attempt.keyName),
                request: .success(request(of: attempt)),
                plan: plan,
                at: now
            )
            observer.see(answer.record, at: now)
            hear(answer.record)
            exchange.answer = answer
            losePost(of: worker)
        }
        let patience = deadline - now
        let end = brokenAfter ?? min(arrival + back, patience)
        if scenario.kind == .saturated { observer.exchanges[attempt.keyName, default: []].append((now, end)) }
        after(end, worker, "answer for job \(attempt.jobID)") {
            guard brokenAfter == nil, arrival + back < patience else {
                let reason: CreateUnknown.Reason = brokenAfter == nil ? .timedOut : .connectionLost
                return then(.unknown(CreateUnknown(reason: reason, message: "no answer came")))
            }
            guard let answer = exchange.answer, let status = answer.status else {
                return then(.unknown(CreateUnknown(reason: .connectionLost, message: "no answer came")))
            }
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

    /// Polls once.
    func ask(
        _ generation: SimulatedGeneration,
        for worker: SimulatedWorker,
        then: @escaping (StatusOutcome) -> Void
    ) {
        let plan = provider.plan(.status, at: now)
        let answer = provider.status(
            secret: scenario.secret(ofKey: generation.keyName),
            id: generation.generationID,
            origin: "http://provider",
            plan: plan,
            at: now
        )
        observer.see(answer.record, at: now)
        if answer.record.fault != nil { note(.readFailed) }
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

    /// Counts the faults that the provider's log of POSTs names.
    private func hear(_ record: RequestRecord) {
        if let trace {
            trace("    provider: \(record.status.map(String.init) ?? "no answer") \(record.code?.rawValue ?? "")")
        }
        if let fault = record.fault.flatMap(FaultKind.init(logged:)) { note(fault) }
        if record.status == 503 {
            if provider.faults.refundDelay > .zero { note(.refundLate) }
            if provider.faults.absentRefundRate > 0.2 { note(.refundAbsent) }
        }
        switch record.outcome {
        case .failed:
            note(.generationFailed)
            if provider.faults.missingRefundFlagRate > 0 { note(.refundUnflagged) }
        case .endless: note(.generationEndless)
        case .completed, nil: break
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
