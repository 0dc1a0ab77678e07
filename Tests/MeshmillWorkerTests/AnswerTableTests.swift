import AmaraAPI
import MeshmillCore
import MeshmillWorker
import Testing

/// The table of answers (KEYPOOL section 8), row by row.
@Suite("The table of answers")
struct AnswerTableTests {
    /// A row about POST: what comes in, and what it does.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let outcome: CreateOutcome
        var outcomeOfAttempt = AnswerEffect.Outcome.refused
        var slot = AnswerEffect.Slot.hold
        let credit: AnswerEffect.Credit
        let job: JobMove
        var count = AnswerEffect.Count.none
        var key = KeyMove.none
        var org = false
        var provider = AnswerEffect.Provider.healthy

        var testDescription: String { name }
    }

    enum JobMove: Sendable { case generating, queued, waits, failed }
    enum KeyMove: Sendable { case none, held, grace, parked, disabled }

    private static func answer(_ status: Int, _ code: String? = nil, refunded: Bool? = nil) -> CreateOutcome {
        let code = code.map(ErrorCode.init)
        guard let kind = RefusalKind(status: status, code: code) else {
            return .unknown(CreateUnknown(reason: .serverError, status: status, message: "x"))
        }
        return .refused(
            CreateRefusal(kind: kind, status: status, code: code, message: "x", creditsRefunded: refunded)
        )
    }

    private static func lost(_ name: String, _ reason: CreateUnknown.Reason) -> Row {
        Row(
            name: name,
            outcome: .unknown(CreateUnknown(reason: reason, message: "x")),
            outcomeOfAttempt: .unknown,
            slot: .keep,
            credit: .doubt,
            job: .waits,
            count: .unknown,
            key: .grace,
            provider: reason == .cancelled ? .silent : .failed
        )
    }

    static let rows: [Row] = [
        Row(
            name: "200 create",
            outcome: .accepted(CreateAccepted(generationID: "g", creditsUsed: 1)),
            outcomeOfAttempt: .generating,
            credit: .charge(1),
            job: .generating
        ),
        Row(
            name: "400 IMAGE_VALIDATION_ERROR",
            outcome: answer(400, "IMAGE_VALIDATION_ERROR"),
            credit: .release,
            job: .failed,
            count: .own
        ),
        Row(name: "401", outcome: answer(401), credit: .release, job: .queued, key: .disabled),
        Row(
            name: "402 BILLING_ERROR",
            outcome: answer(402, "BILLING_ERROR"),
            credit: .release,
            job: .queued,
            org: true
        ),
        Row(
            name: "402 KEY_LIMIT_EXCEEDED",
            outcome: answer(402, "KEY_LIMIT_EXCEEDED"),
            credit: .release,
            job: .queued,
            key: .parked
        ),
        Row(name: "402 CREDIT_ERROR", outcome: answer(402, "CREDIT_ERROR"), credit: .doubt, job: .waits),
        Row(name: "402 unknown code", outcome: answer(402, "NEW"), credit: .release, job: .queued, org: true),
        Row(name: "403", outcome: answer(403), credit: .release, job: .queued, key: .disabled),
        Row(name: "429", outcome: answer(429, "RATE_LIMIT_EXCEEDED"), credit: .release, job: .queued, key: .held),
        Row(name: "429 unknown code", outcome: answer(429, "NEW"), credit: .release, job: .queued, key: .held),
        Row(
            name: "503 BACKEND_TIMEOUT, refunded",
            outcome: answer(503, "BACKEND_TIMEOUT", refunded: true),
            credit: .refund(1),
            job: .waits,
            count: .provider,
            provider: .failed
        ),
        Row(
            name: "503 BACKEND_ERROR, no flag",
            outcome: answer(503, "BACKEND_ERROR"),
            credit: .doubt,
            job: .waits,
            count: .provider,
            provider: .failed
        ),
        Row(
            name: "503 unknown code",
            outcome: answer(503, "NEW"),
            credit: .doubt,
            job: .waits,
            count: .provider,
            provider: .failed
        ),
        Row(name: "400 other", outcome: answer(400, "NEW"), credit: .release, job: .waits, count: .own),
        Row(name: "422", outcome: answer(422), credit: .release, job: .waits, count: .own),
        Row(name: "413", outcome: answer(413), credit: .release, job: .failed, count: .own),
        Row(name: "404 on POST", outcome: answer(404), credit: .release, job: .waits, provider: .broken),
        Row(name: "405 on POST", outcome: answer(405), credit: .release, job: .waits, provider: .broken),
        Row(name: "410 on POST", outcome: answer(410), credit: .release, job: .waits, provider: .broken),
        Row(name: "408", outcome: answer(408), credit: .doubt, job: .waits, provider: .failed),
        Row(name: "425", outcome: answer(425), credit: .doubt, job: .waits, provider: .failed),
        Row(name: "3xx on POST", outcome: answer(307), credit: .doubt, job: .waits, provider: .broken),
        lost("500, 502, 504, 52x on POST", .serverError),
        lost("200 with bad JSON, HTML or no id", .malformedAnswer),
        lost("200 that breaks off", .truncatedAnswer),
        lost("reset after bytes were sent", .connectionLost),
        lost("timeout after bytes were sent", .timedOut),
        lost("cancelled after bytes were sent", .cancelled),
        Row(
            name: "DNS, refused, TLS: before any byte",
            outcome: .notSent(.connectionFailed, provably: true),
            outcomeOfAttempt: .unsent,
            slot: .free,
            credit: .release,
            job: .waits,
            provider: .silent
        ),
        Row(
            name: "the head left, its body did not",
            outcome: .notSent(.fencePassed, provably: false),
            outcomeOfAttempt: .unsent,
            slot: .hold,
            credit: .release,
            job: .queued,
            provider: .silent
        ),
    ]

    @Test("an answer to a POST does what its row says", arguments: rows)
    func post(row: Row) {
        var random = SystemRandomNumberGenerator()
        let budget = FailureBudget(
            failures: 0,
            providerFailures: 0,
            unknowns: 0,
            maxAttempts: 3,
            onAmbiguous: .evidence
        )
        let context = AnswerEffect.Context(window: .seconds(900), grace: .seconds(60), budget: budget)
        let effect = AnswerEffect(row.outcome, context, using: &random)
        #expect(effect.outcome == row.outcomeOfAttempt)
        #expect(effect.slot == row.slot)
        #expect(effect.credit == row.credit)
        #expect(effect.count == row.count)
        #expect(effect.provider == row.provider)
        let job: JobMove? =
            switch effect.job {
            case .generating: .generating
            case .queue: .queued
            case .schedule: .waits
            case .fail: .failed
            case .hold: nil
            }
        #expect(job == row.job)
        let key: KeyMove =
            switch effect.key {
            case .none: .none
            case .hold: .held
            case .grace: .grace
            case .park: .parked
            case .disable: .disabled
            }
        #expect(key == row.key)
        #expect((effect.org != .none) == row.org)
    }

    @Test("a worker that crashed between claim and answer leaves slot and credit as claimed")
    func workerLost() {
        let budget = FailureBudget(
            failures: 0,
            providerFailures: 0,
            unknowns: 0,
            maxAttempts: 3,
            onAmbiguous: .evidence
        )
        let context = AnswerEffect.Context(window: .seconds(900), grace: .seconds(60), budget: budget)
        let effect = AnswerEffect(.workerLost, message: "x", code: "unknown_worker_lost", context, provider: .silent)
        #expect(effect.slot == .keep && effect.credit == .doubt && effect.outcome == .unknown)
        #expect(effect.provider == .silent && effect.job == .schedule(.seconds(900)))
    }

    private let completed = CompletedGeneration(glbURL: nil, thumbnailURL: nil, assetName: nil, expiresIn: 3_600)

    @Test("GET: queued, processing and completed lead on; failed ends, with its refund")
    func getLeadsOn() {
        var judge = PollJudge(scale: TimeScale(window: .seconds(900)))
        #expect(judge.take(.queued(position: 3, total: 9)) == .goesOn)
        #expect(judge.take(.processing(progress: nil, step: nil, position: nil)) == .goesOn)
        #expect(judge.take(.completed(completed)) == .downloads(completed))
        let end = judge.take(.failed(error: "no", creditsRefunded: true))
        #expect(end == .ends(code: "generation_failed", message: "no", refunded: true))
    }

    @Test(
        "FAULTS 24: GET, 404 for a known id: other keys ask too, three times over two minutes, then it is lost upstream"
    )
    func getNotFound() {
        var judge = PollJudge(scale: TimeScale(window: .seconds(900)))
        for (turn, wait) in [10, 30, 80].enumerated() {
            #expect(judge.asker == turn)
            #expect(judge.take(.notFound) == .waits(.seconds(wait)))
        }
        guard case .ends("lost_upstream", _, nil) = judge.take(.notFound) else {
            Issue.record("it is not lost")
            return
        }
        var scaled = PollJudge(scale: TimeScale(window: .seconds(9)))
        #expect(scaled.take(.notFound) == .waits(.milliseconds(200)))
    }

    @Test("GET, 401 and 403: a sibling asks next, and the job is not touched")
    func getRefused() {
        var judge = PollJudge(scale: TimeScale(window: .seconds(900)))
        #expect(judge.take(.unauthorized) == .goesOn && judge.asker == 1)
        #expect(judge.take(.forbidden) == .goesOn && judge.asker == 2)
    }

    @Test("GET, 404 for a sibling while the key that created it is refused: proves nothing")
    func getNotFoundBySibling() {
        var judge = PollJudge(scale: TimeScale(window: .seconds(900)))
        for _ in 0..<20 {
            #expect(judge.take(.unauthorized) == .goesOn)
            #expect(judge.take(.notFound, bySibling: true) == .goesOn)
            #expect(judge.take(.notFound, bySibling: true) == .goesOn)
        }
        #expect(judge.take(.completed(completed)) == .downloads(completed))
        // Once it answers again, a 404 is one.
        #expect(judge.take(.notFound) == .waits(.seconds(10)))
        #expect(judge.take(.notFound, bySibling: true) == .waits(.seconds(30)))
    }

    @Test("GET, 429: slower, by what it says or from 15 s doubling")
    func getThrottled() {
        var judge = PollJudge(scale: TimeScale(window: .seconds(900)))
        #expect(judge.take(.throttled(retryAfter: 40)) == .waits(.seconds(40)))
        #expect(judge.take(.throttled(retryAfter: -5)) == .waits(.seconds(1)))
        #expect(judge.take(.throttled(retryAfter: 1e9)) == .waits(.seconds(120)))
        guard case .waits(let wait) = judge.take(.throttled(retryAfter: nil)) else {
            Issue.record("it does not wait")
            return
        }
        #expect(wait >= .seconds(90), "the fourth in a row")
    }

    @Test(
        "GET, 5xx, nonsense or no answer: again with full jitter, never above 30 s, and the job stays",
        arguments: [StatusOutcome.serverError(status: 502), .protocolError("HTML"), .network(.connectionLost)]
    )
    func getErrors(outcome: StatusOutcome) {
        var judge = PollJudge(scale: TimeScale(window: .seconds(900)))
        for turn in 0..<20 {
            guard case .waits(let wait) = judge.take(outcome) else {
                Issue.record("it does not wait")
                return
            }
            #expect(wait <= min(.seconds(1) * (1 << min(turn, 10)), .seconds(30)))
        }
        #expect(judge.errorsInRow == 20)
    }
}

extension PollJudge {
    fileprivate mutating func take(_ outcome: StatusOutcome, bySibling: Bool = false) -> Step {
        var random = SystemRandomNumberGenerator()
        return step(after: outcome, isCreators: !bySibling, using: &random)
    }
}
