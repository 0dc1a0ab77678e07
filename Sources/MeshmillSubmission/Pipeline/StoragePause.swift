import Synchronization

/// Tries again while a store refuses, and tells of it once however many tasks wait.
final class StoragePause: Sendable {
    private let patience: StoragePatience
    private let waiting = Mutex(0)
    private let events: EventSink

    init(_ patience: StoragePatience, events: EventSink) {
        self.patience = patience
        self.events = events
    }

    /// Runs an operation until it succeeds, or fails in a way that waiting does not cure.
    ///
    /// - Parameters:
    ///   - isPassing: whether an error says that the same may succeed later.
    ///   - operation: may be run many times.
    /// - Returns: what the operation returned when it succeeded.
    /// - Throws: ``SubmissionError/storage(_:)`` when patience is at an end; other errors of the operation;
    ///   `CancellationError`.
    func untilItSucceeds<Value: Sendable>(
        while isPassing: (any Error) -> Bool,
        _ operation: () async throws -> Value
    ) async throws -> Value {
        let start = ContinuousClock.now
        var wait = patience.firstWait
        var isWaiting = false
        defer { if isWaiting { leave() } }
        while true {
            do {
                return try await operation()
            } catch  where isPassing(error) {
                guard ContinuousClock.now - start < patience.givesUpAfter else {
                    throw SubmissionError.storage("\(error); run the command again to go on")
                }
                if !isWaiting { enter("\(error)") }
                isWaiting = true
                try await Task.sleep(for: wait)
                wait = min(wait * 2, patience.longestWait)
            }
        }
    }

    /// Events are told under the lock, so that a pause and its end keep their order.
    private func enter(_ reason: String) {
        waiting.withLock { count in
            count += 1
            if count == 1 { events.tell(.paused(reason: reason)) }
        }
    }

    private func leave() {
        waiting.withLock { count in
            count -= 1
            if count == 0 { events.tell(.resumed) }
        }
    }
}
