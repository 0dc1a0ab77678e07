/// Thrown when an operation was given up at its deadline.
struct DeadlinePassed: Error {}

/// Runs `operation` and gives it up at `deadline`.
///
/// The operation must end soon after its task is cancelled. If the *caller* is cancelled, the operation decides how that
/// ends: an answer that came at the same instant is not dropped.
///
/// - Throws: ``DeadlinePassed``, or what the operation throws.
func withDeadline<Value: Sendable>(
    _ deadline: ContinuousClock.Instant,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            do {
                try await Task.sleep(until: deadline, clock: .continuous)
            } catch {
                return nil
            }
            throw DeadlinePassed()
        }
        defer { group.cancelAll() }
        while let ended = try await group.next() {
            if let value = ended { return value }
        }
        throw CancellationError()
    }
}
