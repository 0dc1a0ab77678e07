/// The `code` of an error body; an open set, since a provider in beta may add to it.
///
/// Source: the reference, "Error Response Codes".
package struct ErrorCode: RawRepresentable, Sendable, Hashable, Codable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let imageValidation = ErrorCode(rawValue: "IMAGE_VALIDATION_ERROR")
    package static let billing = ErrorCode(rawValue: "BILLING_ERROR")
    package static let keyLimitExceeded = ErrorCode(rawValue: "KEY_LIMIT_EXCEEDED")
    package static let credit = ErrorCode(rawValue: "CREDIT_ERROR")
    package static let rateLimitExceeded = ErrorCode(rawValue: "RATE_LIMIT_EXCEEDED")
    package static let backendTimeout = ErrorCode(rawValue: "BACKEND_TIMEOUT")
    package static let backendError = ErrorCode(rawValue: "BACKEND_ERROR")
}
