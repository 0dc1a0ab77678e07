import Dispatch
import Synchronization

/// Ends one waiter's sleep early; a signal while nobody sleeps ends the next sleep at once.
///
/// A sleep is one continuation and one timer, no tasks: the claim loop and the batchers sleep hundreds of times a
/// second.
package final class WakeSignal: Sendable {
    private struct State {
        var isSignalled = false
        /// Tells the present sleep from earlier ones, whose timers may still fire.
        var sleep = 0
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
        let begun = state.withLock { state -> Int? in
            if state.isSignalled {
                state.isSignalled = false
                return nil
            }
            state.sleep += 1
            return state.sleep
        }
        guard let sleep = begun else { return }
        let timer = DispatchSource.makeTimerSource()
        timer.setEventHandler { [self] in end(sleep) }
        timer.schedule(deadline: .now() + duration / .seconds(1))
        timer.activate()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isSignalled || state.sleep != sleep { return true }
                    precondition(state.sleeper == nil, "one caller sleeps on a wake signal at a time")
                    state.sleeper = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end(sleep)
        }
        timer.cancel()
        state.withLock { $0.isSignalled = false }
    }

    /// Ends a sleep that is not over yet, begun or about to begin.
    private func end(_ sleep: Int) {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.sleep == sleep else { return nil }
            // Whoever is on the way into it finds another number.
            state.sleep += 1
            return state.sleeper.take()
        }
        sleeper?.resume()
    }
}
