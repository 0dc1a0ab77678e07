extension StatusOutcome {
    /// Reads an answer to a poll for `generationID`.
    init(_ answer: HTTPAnswer, for generationID: String) {
        switch answer.status {
        case 200: self = Self.success(answer, generationID)
        case 401: self = .unauthorized
        case 403: self = .forbidden
        case 404, 410: self = .notFound
        case 408, 500...599: self = .serverError(status: answer.status)
        case 429:
            let body = answer.end == .complete ? ErrorBody(answer.body) : nil
            self = .throttled(
                retryAfter: body?.rateLimit?.value?.retryAfterSeconds?.value ?? answer.retryAfter
            )
        case 300...399:
            self = .protocolError("HTTP \(answer.status) redirects the poll; is AMARA_API_URL right?")
        case _:
            let message = answer.end == .complete ? ErrorBody(answer.body)?.message : nil
            self = .protocolError("HTTP \(answer.status)" + (message.map { ": " + $0 } ?? ""))
        }
    }

    private static func success(_ answer: HTTPAnswer, _ generationID: String) -> StatusOutcome {
        switch answer.end {
        case .oversized: return .protocolError("the status body is above the size limit")
        case .lost(let failure): return .network(failure)
        case .complete: break
        }
        guard let body = StatusAnswerBody(answer.body) else {
            return .protocolError("the status body is no JSON object; is AMARA_API_URL right?")
        }
        if let other = body.generationID?.value, other != generationID {
            return .protocolError("the status is for another generation, \(CleanedText.clean(other, limit: 80))")
        }
        return reading(body)
    }

    private static func reading(_ body: StatusAnswerBody) -> StatusOutcome {
        guard let status = body.status?.value else { return .protocolError("the status body has no status") }
        switch status {
        case "queued":
            return .queued(position: body.queuePosition?.value, total: body.totalInQueue?.value)
        case "processing":
            return .processing(
                progress: body.progress?.value.map { min(max($0, 0), 100) },
                step: text(body.currentStep, limit: 200),
                position: body.queuePosition?.value
            )
        case "completed":
            return .completed(
                CompletedGeneration(
                    glbURL: url(body.glbURL),
                    thumbnailURL: url(body.thumbnailURL),
                    assetName: text(body.assetName, limit: 200),
                    expiresIn: body.expiresIn?.value.map { min(max($0, 0), 31_536_000) }
                )
            )
        case "failed":
            return .failed(
                error: text(body.error, limit: CleanedText.maximumLength) ?? "the provider did not say why",
                creditsRefunded: body.creditsRefunded?.value
            )
        case _:
            return .protocolError("the status is unknown: \(CleanedText.clean(status, limit: 80))")
        }
    }

    private static func text(_ field: Lenient<String>?, limit: Int) -> String? {
        guard let text = field?.value else { return nil }
        let cleaned = CleanedText.clean(text, limit: limit)
        return cleaned.isEmpty ? nil : cleaned
    }

    /// A URL only if it is visible ASCII of at most 4,096 bytes: cleaning would make another URL of it.
    private static func url(_ field: Lenient<String>?) -> String? {
        guard let url = field?.value, (1...4_096).contains(url.utf8.count),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return url
    }
}
