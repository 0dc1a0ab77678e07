import AmaraAPI

extension FuzzSubject {
    /// The answers that the first byte of an input chooses from.
    private static let statuses = [
        200, 201, 301, 400, 401, 402, 403, 404, 408, 410, 422, 429, 500, 502, 503, 504, 599, 0,
    ]

    private static func answer(_ input: [UInt8]) -> WholeAnswer {
        WholeAnswer(status: statuses[Int(input.first ?? 0) % statuses.count], body: Array(input.dropFirst()))
    }

    private static let answerWords = [
        "\"generation_id\":", "\"code\":", "\"error\":", "\"rate_limit\":", "\"retry_after_seconds\":",
        "\"credits_used\":",
        "\"key_monthly_used\":", "\"status\":", "\"completed\"", "\"failed\"", "\"glb_url\":", "\"limits\":",
        "\"supported_formats\":[", "RATE_LIMIT_EXCEEDED", "Infinity",
    ]

    /// The provider's answer to a POST: a status byte, then the body.
    static let createAnswer = FuzzSubject(name: "create-answer", words: answerWords) { input in
        let answer = answer(input)
        let outcome = CreateOutcome(answer)
        try BrokenPromise.unless(outcome == CreateOutcome(answer), "the same answer is read in two ways")
        switch outcome {
        case .accepted(let accepted):
            try BrokenPromise.unless((200...299).contains(answer.status), "accepted with HTTP \(answer.status)")
            try checkID(accepted.generationID)
            for count in [accepted.creditsUsed, accepted.creditsRemaining, accepted.keyMonthlyUsed] {
                try BrokenPromise.unless((count ?? 0).magnitude <= 1_000_000_000_000, "an incredible count")
            }
            let again = WholeAnswer(status: 200, body: Array(json(accepted).utf8))
            try BrokenPromise.unless(CreateOutcome(again) == outcome, "what was read, written and read, is another")
            return "accepted \(accepted.creditsUsed != nil) \(accepted.keyMonthlyUsed != nil)"
        case .refused(let refusal):
            try BrokenPromise.unless(!(200...299).contains(refusal.status), "refused with HTTP \(refusal.status)")
            try BrokenPromise.unlessShowable(refusal.message)
            try refusal.code.map { try BrokenPromise.unlessShowable($0.rawValue, limit: 260) }
            try BrokenPromise.unless(refusal.retryAfter?.isNaN != true, "retry after NaN")
            return "refused \(refusal.kind) \(refusal.retryAfter != nil) \(refusal.rateLimit != nil)"
        case .unknown(let unknown):
            try BrokenPromise.unlessShowable(unknown.message)
            return "unknown \(unknown.reason)"
        case .notSent: throw BrokenPromise("an answer to what was not sent")
        }
    }

    /// The provider's answer to a poll: a status byte, then the body.
    static let statusAnswer = FuzzSubject(name: "status-answer", words: answerWords) { input in
        let answer = answer(input)
        let outcome = StatusOutcome(answer, for: "gen-1")
        try BrokenPromise.unless(outcome == StatusOutcome(answer, for: "gen-1"), "the same answer is read in two ways")
        switch outcome {
        case .queued: return "queued"
        case .processing(let progress, let step, _):
            try BrokenPromise.unless((0...100).contains(progress ?? 0), "progress \(progress ?? 0)")
            try step.map { try BrokenPromise.unlessShowable($0) }
            return "processing \(progress != nil) \(step != nil)"
        case .completed(let completed):
            for url in [completed.glbURL, completed.thumbnailURL].compactMap(\.self) {
                try BrokenPromise.unless(
                    url.utf8.allSatisfy { (0x21...0x7E).contains($0) },
                    "an URL with odd characters"
                )
                try BrokenPromise.unless(url.utf8.count <= 4_096, "an URL of \(url.utf8.count) bytes")
            }
            try completed.assetName.map { try BrokenPromise.unlessShowable($0) }
            try BrokenPromise.unless((0...31_536_000).contains(completed.expiresIn ?? 0), "an incredible expiry")
            return "completed \(completed.glbURL != nil) \(completed.expiresIn != nil)"
        case .failed(let error, let refunded):
            try BrokenPromise.unlessShowable(error)
            return "failed \(refunded != nil)"
        case .protocolError(let message):
            try BrokenPromise.unlessShowable(message)
            return "protocol error \(kind(of: message))"
        case .throttled(let retryAfter):
            try BrokenPromise.unless(retryAfter?.isNaN != true, "retry after NaN")
            return "throttled \(retryAfter != nil)"
        case .notFound, .unauthorized, .forbidden, .serverError: return "HTTP \(answer.status)"
        case .network: throw BrokenPromise("a network failure in a whole answer")
        }
    }

    private static func checkID(_ id: String) throws {
        let isSafe = id.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
            default: false
            }
        }
        try BrokenPromise.unless(isSafe && (1...200).contains(id.utf8.count), "the id \(id.debugDescription)")
    }

    private static func json(_ accepted: CreateAccepted) -> String {
        let fields: [(String, Int?)] = [
            ("credits_used", accepted.creditsUsed), ("credits_remaining", accepted.creditsRemaining),
            ("key_monthly_used", accepted.keyMonthlyUsed), ("key_monthly_limit", accepted.keyMonthlyLimit),
        ]
        let numbers = fields.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return "{" + (["\"generation_id\":\"\(accepted.generationID)\""] + numbers).joined(separator: ",") + "}"
    }
}
