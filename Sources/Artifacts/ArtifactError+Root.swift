import Glibc

extension ArtifactError {
    /// Words a failed system call, telling a missing file from a missing root.
    static func atRoot(_ root: String, _ failure: SystemFailure, action: String, path: String) -> ArtifactError {
        guard failure.code == ENOENT || failure.code == ENOTDIR, access(root, F_OK) != 0 else {
            return ArtifactError(failure, action: action, path: path)
        }
        return ArtifactError(
            .rootMissing,
            action: action,
            path: path,
            cause: "the folder \(PathText.printable(root)) is gone",
            cure: "bring it back or mount it",
            systemError: failure.code
        )
    }
}
