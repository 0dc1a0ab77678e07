/// The body of any error answer: the fields of all kinds.
///
/// Source: the reference, "Example Error Responses".
struct ErrorBody: WireBody {
    /// The provider's count for a key's window, in a 429.
    struct RateLimit: Decodable, LenientlyDecodable {
        let limit: Lenient<Int>?
        let used: Lenient<Int>?
        let remaining: Lenient<Int>?
        let retryAfterSeconds: Lenient<Double>?

        private enum CodingKeys: String, CodingKey {
            case limit, used, remaining
            case retryAfterSeconds = "retry_after_seconds"
        }

        init?(leniently decoder: any Decoder) {
            guard let body = try? RateLimit(from: decoder) else { return nil }
            self = body
        }
    }

    /// What an image may be, in a 400.
    struct Limits: Decodable, LenientlyDecodable {
        let maxSizeMB: Lenient<Double>?
        let supportedFormats: Lenient<FormatList>?

        private enum CodingKeys: String, CodingKey {
            case maxSizeMB = "max_size_mb"
            case supportedFormats = "supported_formats"
        }

        init?(leniently decoder: any Decoder) {
            guard let body = try? Limits(from: decoder) else { return nil }
            self = body
        }
    }

    /// Names of image formats.
    struct FormatList: LenientlyDecodable {
        let names: [String]

        init?(leniently decoder: any Decoder) {
            guard let names = try? decoder.singleValueContainer().decode([String].self) else { return nil }
            self.names = names
        }
    }

    let error: Lenient<String>?
    let code: Lenient<String>?
    let rateLimit: Lenient<RateLimit>?
    let limits: Lenient<Limits>?
    let creditsRequired: Lenient<Int>?
    let creditsRemaining: Lenient<Int>?
    let creditsRefunded: Lenient<Bool>?

    private enum CodingKeys: String, CodingKey {
        case error, code, limits
        case rateLimit = "rate_limit"
        case creditsRequired = "credits_required"
        case creditsRemaining = "credits_remaining"
        case creditsRefunded = "credits_refunded"
    }
}

extension ErrorBody {
    /// The code, cleaned and capped at 64 scalars; `nil` if there is none.
    var errorCode: ErrorCode? {
        guard let code = code?.value else { return nil }
        let cleaned = CleanedText.clean(code, limit: 64)
        return cleaned.isEmpty ? nil : ErrorCode(rawValue: cleaned)
    }

    /// The provider's words and its limits in one cleaned line; `nil` if it said nothing.
    var message: String? {
        let words = CleanedText.clean(error?.value ?? "")
        guard let limits = limits?.value else { return words.isEmpty ? nil : words }
        var parts: [String] = []
        if let megabytes = limits.maxSizeMB?.value { parts.append("at most \(megabytes) MB") }
        if let formats = limits.supportedFormats?.value?.names, !formats.isEmpty {
            parts.append(CleanedText.clean(formats.prefix(8).joined(separator: ", "), limit: 80))
        }
        guard !parts.isEmpty else { return words.isEmpty ? nil : words }
        return words + " (limits: " + parts.joined(separator: "; ") + ")"
    }
}
