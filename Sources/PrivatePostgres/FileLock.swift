import Glibc

/// An advisory lock on a file, which the kernel releases when this process ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Opens the file, and makes it if need be; takes no lock.
    init(_ path: String) throws(PrivatePostgresError) {
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.path = path
        guard descriptor >= 0 else {
            throw PrivatePostgresError(
                .permission,
                "cannot open \(path): \(String(cString: strerror(errno)))",
                hint: "run as the account that owns it, or set MESHMILL_HOME to a folder of your own"
            )
        }
    }

    deinit {
        close(descriptor)
    }

    /// Takes the lock alone if nobody else has it.
    func tryExclusive() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Takes the lock together with others unless somebody has it alone.
    func tryShared() -> Bool { flock(descriptor, LOCK_SH | LOCK_NB) == 0 }

    func unlock() {
        flock(descriptor, LOCK_UN)
    }

    /// Waits until the lock can be taken alone.
    ///
    /// - Throws: `locked` after `timeout`; `CancellationError`.
    func waitExclusive(timeout: Duration) async throws {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        var pause = Duration.milliseconds(2)
        while !tryExclusive() {
            guard .now < deadline else {
                throw PrivatePostgresError(
                    .locked,
                    "another process has held \(path) for \(timeout)",
                    hint: "see which with: fuser -v \(path)"
                )
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
    }
}
