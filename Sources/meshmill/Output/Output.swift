import Glibc

/// Results on standard output.
enum Output {
    /// Writes one line.
    ///
    /// - Throws: ``Failure`` with exit 74 if nobody can take it, but for a pipe whose reader has seen enough.
    static func line(_ text: String) throws {
        try write(text + "\n")
    }

    static func write(_ text: String) throws {
        let problem = write(Array(text.utf8), to: STDOUT_FILENO)
        guard let problem, problem != EPIPE else { return }
        throw Failure(.inputOutput, "cannot write to standard output: \(String(cString: strerror(problem)))")
    }

    /// Writes all bytes; returns the error number of a write that failed.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, 1_000)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}
