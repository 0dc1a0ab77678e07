import Glibc
import Logging
import MeshmillCore

/// The file that holds the master key, readable by this account only.
struct MasterKeyFile {
    /// Absolute path.
    let path: String

    /// The key in the file; nil if there is no file.
    ///
    /// - Throws: ``Failure`` with exit 78 if the file cannot be read or holds no key.
    func read(logger: Logger) throws -> MasterKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("cannot be read")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.configuration, "master key \(path) is not a regular file; name another one")
        }
        if status.st_mode & 0o077 != 0 {
            logger.warning("master key \(path) can be read by others; run: chmod 600 \(path)")
        }
        // A key takes 44 bytes; more than this is some other file.
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("cannot be read") }
        do {
            return try MasterKey(text: Secret(String(decoding: bytes.prefix(count), as: UTF8.self)))
        } catch {
            throw Failure(.configuration, "master key file \(path): \(error)")
        }
    }

    /// Puts a new key there, unless another process was quicker, and returns the one that is there then.
    ///
    /// The key is whole and on disk before it has its name, so that a crash leaves none that is cut short.
    ///
    /// - Throws: ``Failure`` with exit 78 if the file cannot be written.
    func make(logger: Logger) throws -> MasterKey {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        try Folder.make(folder.isEmpty ? "/" : folder)
        let key = MasterKey()
        let part = "\(path).\(getpid()).part"
        unlink(part)
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written") }
        defer { unlink(part) }
        let bytes = Array((key.text.exposed + "\n").utf8)
        let isWritten = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten else { throw failure("cannot be written") }
        // Unlike rename, link does not take the place of a key that is there.
        guard link(part, path) == 0 else {
            if errno == EEXIST, let present = try read(logger: logger) { return present }
            throw failure("cannot be written")
        }
        let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
        logger.notice("made master key \(path); keep a copy apart from the database: without it keys cannot be read")
        return key
    }

    private func failure(_ problem: String) -> Failure {
        let cause = String(cString: strerror(errno))
        return Failure(.configuration, "master key \(path) \(problem): \(cause); check MESHMILL_MASTER_KEY_FILE")
    }
}
