import BlockingWork

/// An operation on one file below a root, run on a thread that may block; what fails is worded with its path.
struct FileOperation: Sendable {
    /// What is done, as in "cannot write".
    let action: String
    /// Absolute path, for messages.
    let path: String
    /// The folder that everything lies in.
    let root: String

    /// Runs the operation unless the calling task is cancelled first.
    func run<Outcome: Sendable>(
        _ body: @escaping @Sendable () throws(SystemFailure) -> Outcome
    ) async throws(ArtifactError) -> Outcome {
        let result: Result<Outcome, SystemFailure>
        do {
            result = try await ThreadPool.files.run { Result { () throws(SystemFailure) in try body() } }
        } catch {
            throw ArtifactError(.cancelled, action: action, path: path, cause: "cancelled")
        }
        return try outcome(of: result)
    }

    /// Runs the operation also when the calling task is cancelled.
    func runRegardless<Outcome: Sendable>(
        _ body: @escaping @Sendable () throws(SystemFailure) -> Outcome
    ) async throws(ArtifactError) -> Outcome {
        try outcome(
            of: await ThreadPool.files.runRegardless { Result { () throws(SystemFailure) in try body() } }
        )
    }

    private func outcome<Outcome>(of result: Result<Outcome, SystemFailure>) throws(ArtifactError) -> Outcome {
        do {
            return try result.get()
        } catch {
            throw .atRoot(root, error, action: action, path: path)
        }
    }
}
