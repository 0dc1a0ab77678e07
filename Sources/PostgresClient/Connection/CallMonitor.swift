import Synchronization

/// What other threads may tell a connection: that its caller was cancelled, and that a cancel request came back.
///
/// Calls are numbered, so word about a call that is over cannot touch the next one.
final class CallMonitor: Sendable {
    private struct State {
        var call: UInt64 = 0
        var isCancelled = false
        var isCancelRequestOpen = false
    }

    let wakeUp: WakeUp
    private let state = Mutex(State())

    init() throws(PostgresError) {
        wakeUp = try WakeUp()
    }

    /// Starts the next call and returns its number.
    func beginCall() -> UInt64 {
        state.withLock { state in
            state.call += 1
            state.isCancelled = false
            return state.call
        }
    }

    /// Notes that the task that made `call` was cancelled, unless the call is over.
    func cancel(call: UInt64) {
        let isCurrent = state.withLock { state in
            guard state.call == call else { return false }
            state.isCancelled = true
            return true
        }
        if isCurrent { wakeUp.signal() }
    }

    /// Whether the present call's task was cancelled.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func cancelRequestStarted() {
        state.withLock { $0.isCancelRequestOpen = true }
    }

    func cancelRequestEnded() {
        state.withLock { $0.isCancelRequestOpen = false }
        wakeUp.signal()
    }

    /// Whether a cancel request is on its way and may yet hit whatever the server runs then.
    var isCancelRequestOpen: Bool { state.withLock { $0.isCancelRequestOpen } }
}
