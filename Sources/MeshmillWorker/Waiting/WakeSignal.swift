import Synchronization

/// Ends one waiter's sleep early; a signal while nobody sleeps ends the next sleep at once.
package final class WakeSignal: Sendable {
    private struct State {
        var isSignalled = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Wakes the sleeper.
    package func signal() {
        let sleeper = state.withLock { state in
            state.isSignalled = true
            return state.sleeper.take()
        }
        sleeper?.resume()
    }

    /// Sleeps until a signal, for at most `duration`, or until the task is cancelled; one caller at a time.
    package func sleep(atMost duration: Duration) async {
        let deadline = ContinuousClock.now.advanced(by: duration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
            group.addTask { await self.waitForSignal() }
            await group.next()
            group.cancelAll()
        }
        state.withLock { $0.isSignalled = false }
    }

    private func waitForSignal() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isSignalled || Task.isCancelled { return true }
                    precondition(state.sleeper == nil, "one caller sleeps on a wake signal at a time")
                    state.sleeper = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleeper.take() }?.resume()
        }
    }
}
