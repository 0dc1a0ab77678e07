import MeshmillCore

/// What limits a run at one moment: where more of it would make the run faster, or what must go away first.
package enum Binding: Sendable, Hashable {
    case trouble(RunTrouble)
    case noUsableKey(KeyOutlook)
    /// `--max-credits` is reached, with so many jobs waiting.
    case maximumCredits(Int, waiting: Int)
    case breaker(BreakerOutlook)
    /// Every slot is taken; `nil` when nobody knows when the next one falls free.
    case windows(nextIn: Duration?)
    /// The provider works on so many generations, and nothing else is left to do.
    case provider(running: Int)
    /// Images are being read; `nil` while they are still looked for.
    case preparing(found: Int?)

    /// Finds the most important one; `nil` when nothing is left, or when POSTs are about to be sent.
    package init?(_ snapshot: RunSnapshot) {
        let counts = snapshot.counts
        if let trouble = snapshot.troubles.min(by: { $0.rank < $1.rank }) {
            self = .trouble(trouble)
        } else if counts.waiting > 0, let limit = Self.onPosts(snapshot) {
            self = limit
        } else if counts.running > 0, counts.waiting == 0 || !snapshot.isSubmitting {
            self = .provider(running: counts.running)
        } else if snapshot.isSubmitting {
            self = .preparing(found: snapshot.found)
        } else {
            return nil
        }
    }

    /// What keeps waiting jobs from being submitted.
    private static func onPosts(_ snapshot: RunSnapshot) -> Binding? {
        if snapshot.keys.usable == 0 { return .noUsableKey(snapshot.keys) }
        if let maximum = snapshot.credits.maximum, snapshot.credits.isUsedUp {
            return .maximumCredits(maximum, waiting: snapshot.counts.waiting)
        }
        if let breaker = snapshot.breaker { return .breaker(breaker) }
        return snapshot.slots.freeNow > 0 ? nil : .windows(nextIn: snapshot.slots.nextIn)
    }

    /// Whether a person should look; waiting for slots or for the provider is how things go.
    package var needsAttention: Bool {
        switch self {
        case .trouble, .noUsableKey, .maximumCredits, .breaker: true
        case .windows, .provider, .preparing: false
        }
    }
}
