import Synchronization

/// Where a submission's tasks tell of their steps, one at a time.
final class EventSink: Sendable {
    private let turn = Mutex(())
    private let onEvent: @Sendable (SubmissionEvent) -> Void

    init(_ onEvent: @escaping @Sendable (SubmissionEvent) -> Void) { self.onEvent = onEvent }

    func tell(_ event: SubmissionEvent) {
        turn.withLock { _ in onEvent(event) }
    }
}
