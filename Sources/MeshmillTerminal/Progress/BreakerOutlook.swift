/// An open breaker: nothing is submitted until a probe finds the provider well.
package struct BreakerOutlook: Sendable, Hashable {
    /// Until the next probe; `nil` when one is under way, or when only a person closes the breaker.
    package var probeIn: Duration?
    /// Why it opened, in the provider's words or ours; `nil` when not known.
    package var reason: String?

    package init(probeIn: Duration? = nil, reason: String? = nil) {
        self.probeIn = probeIn
        self.reason = reason
    }
}
