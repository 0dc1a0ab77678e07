import AmaraAPI

/// The bodies of errors.
///
/// Source: the reference, "Example Error Responses". Where it shows no body for a status, the answer has `error`, and
/// `code` if the reference lists one.
enum ErrorBody {
    static func plain(_ message: String, code: ErrorCode? = nil) -> JSONValue {
        var members = [JSONValue.Member(name: "error", value: .string(message))]
        if let code { members.append(.init(name: "code", value: .string(code.rawValue))) }
        return .object(members)
    }

    static func image(_ message: String) -> JSONValue {
        [
            "error": .string(message),
            "code": .string(ErrorCode.imageValidation.rawValue),
            "limits": ["max_size_mb": 3, "supported_formats": ["PNG", "JPEG", "WebP"]],
        ]
    }

    static func rateLimit(_ standing: WindowStanding, retryAfterSeconds: Int64) -> JSONValue {
        [
            "error": "Rate limit exceeded",
            "code": .string(ErrorCode.rateLimitExceeded.rawValue),
            "rate_limit": [
                "limit": .integer(Int64(standing.limit)),
                "used": .integer(Int64(standing.used)),
                "remaining": .integer(Int64(standing.remaining)),
                "retry_after_seconds": .integer(retryAfterSeconds),
            ],
        ]
    }

    static func credits(required: Int, available: Int) -> JSONValue {
        [
            "error": .string("Insufficient credits. Required: \(required), Available: \(available)"),
            "code": .string(ErrorCode.billing.rawValue),
            "credits_required": .integer(Int64(required)),
            "credits_remaining": .integer(Int64(available)),
        ]
    }

    /// A 503; `refunded` is `nil` when the flag is left out.
    static func unavailable(_ code: ErrorCode, refunded: Bool?) -> JSONValue {
        let message = code == .backendTimeout ? "Generation service timed out" : "Generation service unavailable"
        var members: [JSONValue.Member] = [
            .init(name: "error", value: .string(message)), .init(name: "code", value: .string(code.rawValue)),
        ]
        if let refunded { members.append(.init(name: "credits_refunded", value: .bool(refunded))) }
        return .object(members)
    }
}
