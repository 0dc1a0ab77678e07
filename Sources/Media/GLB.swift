import BlockingWork
import Glibc

/// Binary glTF files: the provider's results.
package enum GLB {
    /// The media type, as HTTP writes it.
    package static let mediaType = "model/gltf-binary"

    /// Bytes read at a time.
    private static let pieceLength = 256 << 10

    /// Checks a GLB that is in memory.
    package static func verify(
        _ bytes: some Sequence<UInt8>,
        maximumBytes: Int64 = GLBInspector.defaultMaximumBytes
    ) throws(GLBDefect) -> VerifiedGLB {
        var inspector = GLBInspector(maximumBytes: maximumBytes)
        // Not `withUnsafeBytes`, which forgets the type of what is thrown.
        try Array(bytes).withUnsafeBufferPointer { (all: UnsafeBufferPointer<UInt8>) throws(GLBDefect) in
            try inspector.consume(UnsafeRawBufferPointer(all))
        }
        return try inspector.finish()
    }

    /// Checks a GLB that lies in a file, and hashes it in the same pass.
    ///
    /// Reads on a thread that may block, 256 KiB at a time, and is not stopped by cancellation: a finished download
    /// is worth its verdict. A symbolic link is not followed and anything but a regular file is refused.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - maximumBytes: the largest file that passes.
    /// - Returns: its length and digest.
    /// - Throws: the defect, or `unreadable` when the file system fails.
    package static func verify(
        path: String,
        maximumBytes: Int64 = GLBInspector.defaultMaximumBytes
    ) async throws(GLBDefect) -> VerifiedGLB {
        try await ThreadPool.files.runRegardless {
            Result { () throws(GLBDefect) in try read(path, maximumBytes: maximumBytes) }
        }.get()
    }

    private static func read(_ path: String, maximumBytes: Int64) throws(GLBDefect) -> VerifiedGLB {
        // Non-blocking, so that a FIFO of that name cannot hold the thread.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(reason: "not a regular file")
        }
        guard Int64(status.st_size) <= maximumBytes else {
            throw .tooLarge(bytes: Int64(status.st_size), maximum: maximumBytes)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceLength, alignment: 16)
        defer { buffer.deallocate() }
        var inspector = GLBInspector(maximumBytes: maximumBytes)
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
            if count == 0 { return try inspector.finish() }
            try inspector.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
