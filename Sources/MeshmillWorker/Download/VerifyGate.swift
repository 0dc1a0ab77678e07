import Synchronization

/// Lets many read results at a time, or one alone: a result that a worker died of before.
final class VerifyGate: Sendable {
    private struct Waiter {
        let isAlone: Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var inside = 0
        var isTaken = false
        var waiters: [Waiter] = []

        /// Lets in whoever may enter now, in the order of their coming.
        mutating func admit() -> [Waiter] {
            var admitted: [Waiter] = []
            while let next = waiters.first, !isTaken, !next.isAlone || inside == 0 {
                waiters.removeFirst()
                inside += 1
                isTaken = next.isAlone
                admitted.append(next)
            }
            return admitted
        }
    }

    private let state = Mutex(State())

    /// Runs `body` beside others, or with nobody beside it; waits as long as reading a file or two takes.
    func pass<Value: Sendable>(alone isAlone: Bool, _ body: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { continuation in
            let admitted = state.withLock { state in
                state.waiters.append(Waiter(isAlone: isAlone, continuation: continuation))
                return state.admit()
            }
            for waiter in admitted { waiter.continuation.resume() }
        }
        defer {
            let admitted = state.withLock { state in
                state.inside -= 1
                state.isTaken = false
                return state.admit()
            }
            for waiter in admitted { waiter.continuation.resume() }
        }
        return try await body()
    }
}
