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
        let result: Result<Outcome, ArtifactError>
        do {
            result = try await ThreadPool.files.run { outcome(of: body) }
        } catch {
            throw ArtifactError(.cancelled, action: action, path: path, cause: "cancelled")
        }
        return try result.get()
    }

    /// Runs the operation also when the calling task is cancelled.
    func runRegardless<Outcome: Sendable>(
        _ body: @escaping @Sendable () throws(SystemFailure) -> Outcome
    ) async throws(ArtifactError) -> Outcome {
        try await ThreadPool.files.runRegardless { outcome(of: body) }.get()
    }

    /// Runs the operation here and words what fails; that asks the file system again, so it is done here as well.
    private func outcome<Outcome>(
        of body: () throws(SystemFailure) -> Outcome
    ) -> Result<Outcome, ArtifactError> {
        Result { () throws(SystemFailure) in try body() }
            .mapError { .atRoot(root, $0, action: action, path: path) }
    }
}
