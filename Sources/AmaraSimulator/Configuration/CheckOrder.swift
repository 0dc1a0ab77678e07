/// When a POST meets the rate limit, after the key itself was accepted.
///
/// The reference does not say. Gateways limit by key before they read a body (the limiter is a middleware, the body is
/// up to 3 MB), so that is the default; then a 400 or 402 has passed the counter, too.
package enum CheckOrder: String, Sendable, Codable, CaseIterable {
    /// 401, 403, 429, 400, 402, 503.
    case limitFirst = "limit_first"
    /// 401, 403, 400, 402, 429, 503.
    case limitLast = "limit_last"

    var checks: [CreateCheck] {
        switch self {
        case .limitFirst: [.rateLimit, .request, .credits]
        case .limitLast: [.request, .credits, .rateLimit]
        }
    }
}

/// A reason to refuse a POST of an accepted key.
enum CreateCheck {
    case rateLimit, request, credits
}
