import Glibc
import Media

/// Opens and reads images: regular files only, never waiting for a pipe, never more than the limit.
struct SourceReader: Sendable {
    /// The largest source that is read, in bytes.
    let maximumBytes: Int

    /// What a file is at this moment, without reading it.
    ///
    /// - Throws: ``SourceProblem``: it is gone, no regular file, or too large.
    func identity(of candidate: SourceCandidate) throws(SourceProblem) -> FileIdentity {
        let status = try system { () throws(SystemError) in
            candidate.followsLink
                ? try FileStatus.following(candidate.source) : try FileStatus.notFollowing(candidate.source)
        }
        return try accept(status)
    }

    /// The whole content, which is what it was from the first byte to the last.
    ///
    /// - Throws: ``SourceProblem``: as for ``identity(of:)``, or it cannot be read, or it changed meanwhile.
    func read(_ candidate: SourceCandidate) throws(SourceProblem) -> [UInt8] {
        let descriptor = try open(candidate)
        defer { close(descriptor) }
        let before = try accept(system { () throws(SystemError) in try FileStatus.of(descriptor: descriptor) })
        let bytes = try fill(descriptor, count: Int(before.size))
        let after = try accept(system { () throws(SystemError) in try FileStatus.of(descriptor: descriptor) })
        guard bytes.count == before.size, before == after else {
            throw SourceProblem("it changed while it was read; submit it again when it is complete")
        }
        return bytes
    }

    /// Why a source cannot become an input, by its first bytes; `nil` when it may, or when that cannot be told now.
    func obstacle(to candidate: SourceCandidate) -> String? {
        do {
            return ImageRejection(fileBeginning: try beginning(of: candidate))?.description
        } catch {
            return error.isPassing ? nil : error.description
        }
    }

    private func beginning(of candidate: SourceCandidate) throws(SourceProblem) -> [UInt8] {
        let descriptor = try open(candidate)
        defer { close(descriptor) }
        _ = try accept(system { () throws(SystemError) in try FileStatus.of(descriptor: descriptor) })
        return try fill(descriptor, count: 64)
    }

    private func open(_ candidate: SourceCandidate) throws(SourceProblem) -> Int32 {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (candidate.followsLink ? 0 : O_NOFOLLOW)
        let descriptor = Glibc.open(candidate.source, flags)
        guard descriptor >= 0 else { throw SourceProblem(SystemError.last) }
        return descriptor
    }

    private func accept(_ status: FileStatus) throws(SourceProblem) -> FileIdentity {
        if let refusal = status.kind.refusal { throw SourceProblem(refusal) }
        guard status.identity.size <= maximumBytes else {
            let size = status.identity.size
            throw SourceProblem("\(size) bytes are more than the \(maximumBytes) that are read of an image")
        }
        return status.identity
    }

    /// Reads up to `count` bytes; fewer when the file ends before.
    private func fill(_ descriptor: Int32, count: Int) throws(SourceProblem) -> [UInt8] {
        do {
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
                    if got < 0 && errno == EINTR { continue }
                    guard got >= 0 else { throw SystemError.last }
                    guard got > 0 else { return }
                    filled += got
                }
            }
        } catch {
            throw SourceProblem(error as? SystemError ?? SystemError(number: EIO))
        }
    }

    private func system<Value>(_ call: () throws(SystemError) -> Value) throws(SourceProblem) -> Value {
        do {
            return try call()
        } catch {
            throw SourceProblem(error)
        }
    }
}
