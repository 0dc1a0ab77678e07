extension CreateOutcome {
    /// Reads an answer to a POST; the status decides, the body only says more.
    init(_ answer: HTTPAnswer) {
        let error = answer.end == .complete ? ErrorBody(answer.body) : nil
        if (200...299).contains(answer.status) {
            self = Self.success(answer)
        } else if let kind = RefusalKind(status: answer.status, code: error?.errorCode) {
            self = .refused(CreateRefusal(kind, answer, error))
        } else {
            self = .unknown(
                CreateUnknown(
                    reason: .serverError,
                    status: answer.status,
                    code: error?.errorCode,
                    message: error?.message ?? "the provider answered HTTP \(answer.status), which settles nothing",
                    creditsRefunded: error?.creditsRefunded?.value
                )
            )
        }
    }

    private static func success(_ answer: HTTPAnswer) -> CreateOutcome {
        func unknown(_ reason: CreateUnknown.Reason, _ message: String) -> CreateOutcome {
            .unknown(
                CreateUnknown(reason: reason, status: answer.status, message: "HTTP \(answer.status) " + message)
            )
        }
        switch answer.end {
        case .oversized: return unknown(.malformedAnswer, "with a body above the size limit")
        case .lost(let failure): return unknown(.truncatedAnswer, "whose body broke off (\(failure.rawValue))")
        case .complete: break
        }
        guard let body = CreateAnswerBody(answer.body) else {
            return unknown(.malformedAnswer, "with a body that is no JSON object; is AMARA_API_URL right?")
        }
        guard let id = GenerationID.checked(body.generationID?.value) else {
            return unknown(.malformedAnswer, "without a usable generation_id")
        }
        return .accepted(
            CreateAccepted(
                generationID: id,
                creditsUsed: body.creditsUsed?.value,
                creditsRemaining: body.creditsRemaining?.value,
                keyMonthlyUsed: body.keyMonthlyUsed?.value,
                keyMonthlyLimit: body.keyMonthlyLimit?.value
            )
        )
    }
}

extension CreateRefusal {
    fileprivate init(_ kind: RefusalKind, _ answer: HTTPAnswer, _ error: ErrorBody?) {
        let limit = error?.rateLimit?.value
        self.init(
            kind: kind,
            status: answer.status,
            code: error?.errorCode,
            message: error?.message ?? "the provider answered HTTP \(answer.status) without saying why",
            retryAfter: limit?.retryAfterSeconds?.value ?? answer.retryAfter,
            rateLimit: limit.map {
                RateLimit(limit: $0.limit?.value, used: $0.used?.value, remaining: $0.remaining?.value)
            },
            creditsRequired: error?.creditsRequired?.value,
            creditsRemaining: error?.creditsRemaining?.value,
            creditsRefunded: error?.creditsRefunded?.value
        )
    }
}
