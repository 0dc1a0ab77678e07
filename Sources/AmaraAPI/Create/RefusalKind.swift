/// Which refusal a POST met: one case for each row of the error taxonomy that a status can tell.
///
/// The raw value is the metric label and the attempt's `error_code`.
package enum RefusalKind: String, Sendable, Hashable, CaseIterable {
    /// 400 `IMAGE_VALIDATION_ERROR`: the job's image.
    case imageInvalid = "image_invalid"
    /// 400 with another code, 422, and any 4xx without a row of its own: the job, or the API changed.
    case badRequest = "bad_request"
    /// 401: the key.
    case unauthorized
    /// 402 `BILLING_ERROR`: the org has too few credits.
    case orgOutOfCredits = "org_out_of_credits"
    /// 402 `KEY_LIMIT_EXCEEDED`: the key's month is used up.
    case keyLimitExceeded = "key_limit_exceeded"
    /// 402 `CREDIT_ERROR`: the provider failed to deduct.
    case creditError = "credit_error"
    /// 402 with a code that the reference does not have; whose fault it is stays open.
    case paymentRequired = "payment_required"
    /// 403: the key lacks the meshgen scope.
    case forbidden
    /// 429: the key's window, as the provider counts it.
    case rateLimited = "rate_limited"
    /// 503 `BACKEND_TIMEOUT`: the provider.
    case backendTimeout = "backend_timeout"
    /// 503 `BACKEND_ERROR`, or 503 with another code or none: the provider.
    case backendError = "backend_error"
    /// 413: the job's size, or a proxy's limit.
    case payloadTooLarge = "payload_too_large"
    /// 404, 405, 410: the base URL is wrong or the API moved.
    case endpointMissing = "endpoint_missing"
    /// 408, 425: the provider or the network.
    case requestTimeout = "request_timeout"
    /// 3xx: the base URL is wrong; a POST is never redirected.
    case redirected
}

extension RefusalKind {
    /// Reads a status and the body's code; an unknown code on a known status is that status's row.
    ///
    /// - Returns: `nil` for a status that says nothing sure about a POST: 2xx, 5xx but 503, and what is no HTTP status.
    package init?(status: Int, code: ErrorCode?) {
        switch status {
        case 300...399: self = .redirected
        case 400: self = code == .imageValidation ? .imageInvalid : .badRequest
        case 401: self = .unauthorized
        case 402:
            switch code {
            case .billing?: self = .orgOutOfCredits
            case .keyLimitExceeded?: self = .keyLimitExceeded
            case .credit?: self = .creditError
            case _: self = .paymentRequired
            }
        case 403: self = .forbidden
        case 404, 405, 410: self = .endpointMissing
        case 408, 425: self = .requestTimeout
        case 413: self = .payloadTooLarge
        case 429: self = .rateLimited
        case 406...499: self = .badRequest
        case 503: self = code == .backendTimeout ? .backendTimeout : .backendError
        case _: return nil
        }
    }
}
