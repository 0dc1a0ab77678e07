import Glibc

/// A regular file that is open for reading and closes with its last reference.
final class OpenFile: Sendable {
    private let descriptor: Int32

    /// Opens what the path leads to, links followed.
    ///
    /// - Throws: ``SourceProblem`` when it is no regular file or may not be read.
    init(_ path: String) throws(SourceProblem) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw SourceProblem(SystemError.last) }
        self.descriptor = descriptor
        do {
            let kind = try FileStatus.of(descriptor: descriptor).kind
            guard kind == .regular else { throw SourceProblem(kind.refusal ?? "not a file") }
        } catch let problem as SourceProblem {
            throw problem
        } catch let error as SystemError {
            throw SourceProblem(error)
        } catch {
            throw SourceProblem("not a file")
        }
    }

    deinit { close(descriptor) }

    /// The bytes at an offset: up to `count`, fewer near the end, none at the end.
    func read(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        while true {
            var got = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
                filled = max(0, got)
            }
            if got >= 0 { return bytes }
            guard errno == EINTR else { throw .last }
        }
    }
}
