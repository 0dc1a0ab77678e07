/// What a key's settings may be, and what they are when nobody says.
package enum KeyLimits {
    /// Creations per window that a key may have.
    package static let rateLimits = 1...1_000
    /// Windows that a key may have.
    package static let rateWindows: ClosedRange<Duration> = .milliseconds(100)...(.seconds(31 * 86_400))
    /// The longest name of a key, an org or a pool, in bytes of UTF-8.
    package static let maximumNameBytes = 100
    /// The longest secret, in bytes: what an HTTP header carries without trouble.
    package static let maximumSecretBytes = 4_096

    /// Most credits that a limit may name, so that sums of many stay numbers.
    package static let maximumCredits: Int64 = 1_000_000_000_000

    /// The provider's documented limit and window: 5 creations in 15 minutes.
    package static let documentedRateLimit = 5
    package static let documentedRateWindow: Duration = .seconds(15 * 60)

    /// Whether text can be a name: visible, on one line, without space around it, and not too long.
    package static func isName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= maximumNameBytes, text.first?.isWhitespace == false,
            text.last?.isWhitespace == false
        else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
            default: true
            }
        }
    }

    /// Whether text can be a secret: visible ASCII, as an HTTP header carries it.
    package static func isSecret(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumSecretBytes && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
