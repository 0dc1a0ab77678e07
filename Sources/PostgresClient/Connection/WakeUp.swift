import Glibc

/// A pair of sockets to oneself, with which any thread ends a `poll` of a connection's thread.
///
/// An `eventfd` would do with one descriptor, but Swift's Glibc module does not have it, nor `pipe2`.
final class WakeUp: Sendable {
    /// Readable from `signal` to `clear`.
    let descriptor: Int32
    private let writeEnd: Int32

    /// - Throws: `outOfResources` if the process has no descriptors left.
    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
            throw PostgresError(
                .outOfResources,
                "no descriptor for a connection: \(String(cString: strerror(errno)))",
                hint: "raise the limit of open files (ulimit -n)"
            )
        }
        (descriptor, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        // Fails only if the socket's buffer is full, and then it is readable anyway.
        _ = write(writeEnd, &byte, 1)
    }

    func clear() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }
}
