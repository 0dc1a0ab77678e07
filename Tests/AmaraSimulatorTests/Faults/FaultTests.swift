import AmaraSimulator
import Foundation
import Testing

@Suite("Faults")
struct FaultTests {
    private func bench() -> Bench {
        Bench(ProviderConfiguration(keyCount: 1, orgCredits: [10], limit: 5))
    }

    @Test("what each broken answer to a POST has done behind the client's back")
    func effects() {
        struct Effect: Equatable {
            var status: Int?
            var counted: Int
            var charged: Int
            var generations: Int
        }
        let expected: [(AnswerFault, Effect)] = [
            (.lostBeforeCounting, Effect(status: nil, counted: 0, charged: 0, generations: 0)),
            (.lostAfterCounting, Effect(status: nil, counted: 1, charged: 1, generations: 1)),
            (.internalError, Effect(status: 500, counted: 1, charged: 0, generations: 0)),
            (.badGateway, Effect(status: 502, counted: 1, charged: 1, generations: 1)),
            (.page, Effect(status: 200, counted: 1, charged: 1, generations: 1)),
            (.badJSON, Effect(status: 200, counted: 1, charged: 1, generations: 1)),
            (.creditError, Effect(status: 402, counted: 1, charged: 0, generations: 0)),
            (.backendTimeout, Effect(status: 503, counted: 1, charged: 0, generations: 0)),
        ]
        for (fault, effect) in expected {
            var bench = bench()
            let answer = bench.post(0, key: 0, at: 0, fault)
            let state = bench.provider.state(at: .zero)
            let seen = Effect(
                status: answer.status,
                counted: state.keys[0].used,
                charged: 10 - state.orgs[0].credits,
                generations: state.acceptedGenerations
            )
            #expect(seen == effect, "\(fault)")
            #expect(answer.record.fault == fault.rawValue)
            #expect(answer.record.status == answer.status)
            #expect(answer.record.isAccepted == (effect.generations == 1), "\(fault)")
        }
    }

    @Test("broken JSON is cut off")
    func badJSON() throws {
        var bench = bench()
        guard case .text(let text, "application/json") = bench.post(0, key: 0, at: 0, .badJSON).body else {
            Issue.record("no text")
            return
        }
        #expect(throws: (any Error).self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    @Test("a 429 can come bare or with an absurd wait, and is a refusal all the same")
    func oddRateLimits() {
        var bench = bench()
        for number in 0..<5 { _ = bench.post(number) }
        bench.provider.faults.bareRateLimitRate = 1
        #expect(bench.post(5).body == .empty)
        bench.provider.faults.bareRateLimitRate = 0
        bench.provider.faults.absurdRetryAfterRate = 1
        let absurd = bench.post(5)
        #expect(absurd[field: "rate_limit"]?.text.contains("\"retry_after_seconds\":1000000000") == true)
        #expect(absurd.record.fault == "absurd_retry_after")
    }

    @Test("during an outage POSTs are 503 and refunded, polls go on, and it ends at its instant")
    func outage() throws {
        var bench = bench()
        let id = try bench.start()
        bench.provider.faults.outages = [Outage(from: .seconds(10), until: .seconds(20))]
        #expect(bench.post(1, at: 10).verdict == "503 BACKEND_ERROR")
        #expect(bench.post(1, at: 19.999).record.fault == "outage")
        #expect(bench.status(id, at: 15).status == 200)
        #expect(bench.post(1, at: 20).status == 200)
    }

    @Test("a budget of one hits exactly one request, and a fault that cannot be played does not use it up")
    func budget() {
        var bench = bench()
        bench.provider.faults.backendErrorRate = 1
        bench.provider.faults.budget = 1
        let request = Result<GenerationRequest, RequestProblem>.success(Samples.request())
        func post(_ secret: String?) -> Int? {
            let plan = bench.provider.plan(.create, at: .zero)
            return bench.provider.create(secret: secret, request: request, plan: plan, at: .zero).status
        }
        #expect(post("sk_amara_other") == 401)
        #expect(post(bench.secrets[0]) == 503)
        #expect(post(bench.secrets[0]) == 200)
        #expect(bench.provider.faults.budget == 0)
    }

    @Test("faults come at about their rate and repeat with the seed")
    func rates() {
        func hits() -> [Bool] {
            var bench = bench()
            bench.provider.faults.lostAfterCountingRate = 0.2
            return (0..<1_000).map { _ in bench.provider.plan(.create, at: .zero).answer != nil }
        }
        #expect((150...250).contains(hits().count { $0 }))
        #expect(hits() == hits())
    }

    @Test("latencies are drawn from their ranges")
    func latencies() {
        var bench = bench()
        bench.provider.faults.arrivalLatency = .milliseconds(50) ... .milliseconds(1_500)
        bench.provider.faults.answerLatency = .seconds(2) ... .seconds(4)
        for _ in 0..<100 {
            let plan = bench.provider.plan(.create, at: .zero)
            #expect(bench.provider.faults.arrivalLatency.contains(plan.arrivalDelay))
            #expect(bench.provider.faults.answerLatency.contains(plan.answerDelay))
        }
        #expect(bench.provider.plan(.status, at: .zero).answerDelay == .zero)
    }

    @Test("only whole files count as delivered")
    func fileDamage() throws {
        var settings = ProviderConfiguration(keyCount: 1)
        settings.times = ProcessingTimes(all: .zero ... .zero)
        var bench = Bench(settings)
        let id = try bench.start()
        for damage in FileDamage.allCases {
            var plan = FaultPlan()
            plan.file = damage
            let answer = bench.provider.download(secret: bench.secrets[0], id: id, plan: plan, at: .zero)
            #expect(answer.record.isDelivered == false)
            #expect(answer.record.fault == damage.rawValue)
        }
        #expect(bench.download(id, at: 0).record.isDelivered == true)
    }
}
