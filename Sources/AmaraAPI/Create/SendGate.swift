import Synchronization

/// Decides, once, whether a POST's body may begin to leave.
///
/// The HTTP client asks for the first piece of the body after the connection is open and the head is written: that is
/// the latest moment at which the fence can hold, and from then on the answer may be lost. Whoever comes first, the body
/// or the end of the request, settles it.
final class SendGate: Sendable {
    private enum State {
        case waiting
        case open
        case shut
    }

    /// Thrown to the HTTP client instead of a body, which makes it drop the connection.
    struct FencePassed: Error {}
    /// Thrown to the HTTP client when the request has ended before its body began.
    struct Abandoned: Error {}

    private let fence: ContinuousClock.Instant
    private let state = Mutex(State.waiting)

    init(fence: ContinuousClock.Instant) {
        self.fence = fence
    }

    /// Lets the body out, unless the fence has passed or the request has ended.
    func open() throws {
        try state.withLock { state in
            guard case .waiting = state else { throw Abandoned() }
            guard ContinuousClock.now < fence else {
                state = .shut
                throw FencePassed()
            }
            state = .open
        }
    }

    /// Keeps the body in for good, if it has not begun to leave.
    ///
    /// - Returns: whether it has.
    func shut() -> Bool {
        state.withLock { state in
            if case .open = state { return true }
            state = .shut
            return false
        }
    }
}
