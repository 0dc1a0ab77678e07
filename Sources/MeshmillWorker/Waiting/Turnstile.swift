import Synchronization

/// Lets a bounded number in at a time; who is most urgent goes first, then who came first.
package final class Turnstile: Sendable {
    fileprivate struct Waiter {
        let id: Int
        let urgency: ContinuousClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextID = 0
        /// Least urgent first, so that the most urgent is taken from the end.
        var waiters: [Waiter] = []
    }

    private let places: Int
    private let state: Mutex<State>

    package init(places: Int) {
        precondition(places > 0, "a turnstile lets at least one in")
        self.places = places
        state = Mutex(State(free: places))
    }

    /// How many wait for a place.
    package var waitingCount: Int { state.withLock(\.waiters.count) }
    /// How many places are taken.
    package var takenCount: Int { state.withLock { places - $0.free } }

    /// Runs `body` in one of the places.
    ///
    /// - Parameters:
    ///   - urgency: the instant by which it should be done; the earliest goes first.
    ///   - body: what needs the place.
    /// - Returns: what `body` returns.
    /// - Throws: `CancellationError` if the task is cancelled while it waits; what `body` throws.
    package func withPlace<T>(
        before urgency: ContinuousClock.Instant = .now,
        _ body: () async throws -> T
    ) async throws -> T {
        guard await enter(urgency) else { throw CancellationError() }
        defer { leave() }
        return try await body()
    }

    private func enter(_ urgency: ContinuousClock.Instant) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entered: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    let waiter = Waiter(id: id, urgency: urgency, continuation: continuation)
                    state.waiters.insert(waiter, at: state.waiters.firstIndexBelow(urgency))
                    return nil
                }
                if let entered { continuation.resume(returning: entered) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            if let next = state.waiters.popLast() { return next }
            state.free += 1
            return nil
        }
        next?.continuation.resume(returning: true)
    }
}

extension [Turnstile.Waiter] {
    /// Where a waiter of this urgency goes, behind all that are as urgent: found by halving.
    fileprivate func firstIndexBelow(_ urgency: ContinuousClock.Instant) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if self[middle].urgency > urgency { low = middle + 1 } else { high = middle }
        }
        // Equal urgencies: those who came first stand nearer the end.
        return low
    }
}
