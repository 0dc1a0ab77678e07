import Synchronization

/// Raised by whoever hears something, taken down by the one who acts on it.
package final class NewsFlag: Sendable {
    private let isRaised = Mutex(false)

    package init() {}

    package func raise() { isRaised.withLock { $0 = true } }

    /// Takes it down, and says whether it was up.
    package func take() -> Bool {
        isRaised.withLock { isRaised in
            defer { isRaised = false }
            return isRaised
        }
    }
}
