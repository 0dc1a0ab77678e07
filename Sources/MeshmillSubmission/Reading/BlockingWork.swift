import Dispatch

/// File calls that block, kept off the threads that run tasks.
enum BlockingWork {
    /// Grows a thread for each call that runs; the pipeline bounds how many there are.
    private static let queue = DispatchQueue(label: "meshmill.submission.files", attributes: .concurrent)

    /// Runs the closure on a thread that may block and returns its result.
    ///
    /// The closure is not interrupted by cancellation, so it does a bounded piece of work.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }
}
