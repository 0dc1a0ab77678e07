/// The credits of one batch.
package struct CreditUse: Sendable, Hashable {
    /// Spent.
    package var used: Int
    /// Set aside for generations under way or in doubt.
    package var reserved: Int
    /// `--max-credits`; `nil` without it.
    package var maximum: Int?
    /// What all orgs together are known to have; `nil` when that is not known.
    package var remaining: Int?

    package init(used: Int = 0, reserved: Int = 0, maximum: Int? = nil, remaining: Int? = nil) {
        self.used = used
        self.reserved = reserved
        self.maximum = maximum
        self.remaining = remaining
    }

    /// What `--max-credits` still allows; `nil` without it.
    package var left: Int? { maximum.map { max($0 - used - reserved, 0) } }
    /// Whether `--max-credits` allows nothing more.
    package var isUsedUp: Bool { left == 0 }
}
