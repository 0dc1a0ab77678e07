extension Provider {
    /// Draws what will go wrong with a request that arrives at an instant.
    package mutating func plan(_ kind: RequestKind, at instant: Duration) -> FaultPlan {
        advance(to: instant)
        var plan = FaultPlan()
        switch kind {
        case .create:
            plan.arrivalDelay = latency(faults.arrivalLatency)
            plan.answerDelay = latency(faults.answerLatency)
            plan.answer = first(of: faults.createRates)
        case .status:
            plan.answerDelay = latency(faults.readLatency)
            plan.answer = first(of: faults.statusRates)
        case .download, .mesh, .thumbnail:
            plan.answerDelay = latency(faults.readLatency)
            plan.answer = first(of: faults.downloadRates)
            if kind != .thumbnail, plan.answer == nil {
                plan.file = first(of: faults.fileRates)
                if plan.file == nil, plays(faults.slowDripRate) { plan.bytesPerSecond = faults.dripBytesPerSecond }
            }
        }
        return plan
    }

    private mutating func first<Fault>(of rates: [(Fault, Double)]) -> Fault? {
        for (fault, rate) in rates where plays(rate) { return fault }
        return nil
    }

    /// The answer to a request that is lost before anybody looks at it.
    func lost(_ record: RequestRecord, _ plan: FaultPlan) -> Answer {
        var record = record
        record.fault = plan.name
        return Answer(status: nil, body: .empty, record: record)
    }

    /// Puts a planned fault in place of a finished answer, and gives the budget back if none was played.
    mutating func finish(_ answer: Answer, _ plan: FaultPlan) -> Answer {
        let spoiled = spoil(answer, plan)
        if plan.name != nil, spoiled.record.fault == nil, let budget = faults.budget { faults.budget = budget + 1 }
        return spoiled
    }

    private func spoil(_ answer: Answer, _ plan: FaultPlan) -> Answer {
        var answer = answer
        switch (plan.answer, answer.status, answer.body) {
        case (.lostAfterCounting, _, _):
            answer.status = nil
            answer.body = .empty
        case (.badGateway, 200, _):
            answer.status = 502
            answer.body = .text("<html><body><h1>502 Bad Gateway</h1></body></html>\n", type: "text/html")
        case (.page, 200, _):
            answer.body = .text("<html><body>Down for maintenance</body></html>\n", type: "text/html")
        case (.badJSON, 200, .json(let value)):
            answer.body = .text(String(value.text.dropLast(5)), type: "application/json")
        default:
            return answer
        }
        answer.record.status = answer.status
        answer.record.fault = plan.name
        return answer
    }
}
