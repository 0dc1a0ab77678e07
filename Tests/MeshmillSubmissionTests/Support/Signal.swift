import Synchronization

/// Something that happens once and can be waited for by many.
final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Whether this call was the first.
    @discardableResult
    func raise() -> Bool {
        let (isFirst, waiting) = state.withLock { state in
            defer { state = State(isRaised: true) }
            return (!state.isRaised, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        return isFirst
    }

    /// Waits until it happened, or until the calling task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRaised = state.withLock { state in
                    if !state.isRaised { state.waiting.append(continuation) }
                    return state.isRaised
                }
                if isRaised { continuation.resume() }
            }
        } onCancel: {
            raise()
        }
    }
}
