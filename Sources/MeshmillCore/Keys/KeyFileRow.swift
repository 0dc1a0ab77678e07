/// One key of a key file; what the file leaves out is nil.
package struct KeyFileRow: Sendable, Hashable {
    /// The line of the file it begins on, from 1.
    package var line: Int
    package var secret: Secret
    /// What people call the key; nil: made from the fingerprint.
    package var name: String?
    /// The account whose credits it spends; nil: the key is its own.
    package var org: String?
    /// Which tenants may use it; nil: the pool `default`.
    package var pool: String?
    /// Our cap of credits a month; nil: none.
    package var monthlyLimit: Int64?
    /// Creations per window, within ``KeyLimits/rateLimits``.
    package var rateLimit: Int?
    /// The provider's window, longer than zero.
    package var rateWindow: Duration?
    /// Slots left free for people who use the key elsewhere, fewer than the rate limit.
    package var reserveSlots: Int?
    /// Whether the key may have been used within the last window by others than us; it then waits one window first.
    package var usedRecently: Bool

    package init(
        line: Int,
        secret: Secret,
        name: String? = nil,
        org: String? = nil,
        pool: String? = nil,
        monthlyLimit: Int64? = nil,
        rateLimit: Int? = nil,
        rateWindow: Duration? = nil,
        reserveSlots: Int? = nil,
        usedRecently: Bool = false
    ) {
        self.line = line
        self.secret = secret
        self.name = name
        self.org = org
        self.pool = pool
        self.monthlyLimit = monthlyLimit
        self.rateLimit = rateLimit
        self.rateWindow = rateWindow
        self.reserveSlots = reserveSlots
        self.usedRecently = usedRecently
    }
}
