import Crypto
import Glibc

/// An open regular file that closes itself.
struct OpenFile: ~Copyable {
    let descriptor: Int32

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The file's length in bytes.
    func length() throws(SystemFailure) -> Int64 {
        var status = stat()
        try SystemFailure.check { fstat(descriptor, &status) }
        return Int64(status.st_size)
    }

    /// Writes all of the bytes at the end of what was written before.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = try SystemFailure.check { Glibc.write(descriptor, piece.baseAddress, piece.count) }
            rest = rest.dropFirst(count)
        }
    }

    /// Fills as much of a buffer as the file has bytes; returns their number, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemFailure) -> Int {
        try SystemFailure.check { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    /// Waits until the file's content and length are on the device.
    func synchronize() throws(SystemFailure) {
        try SystemFailure.check { fsync(descriptor) }
    }

    /// Hands the rest of the file to `body` in pieces of 256 KiB.
    func forEachPiece(
        _ body: (UnsafeRawBufferPointer) throws(SystemFailure) -> Void
    ) throws(SystemFailure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Makes this empty file equal to another: sharing its blocks where the file system can, else byte by byte.
    func copyContent(of source: borrowing OpenFile) throws(SystemFailure) {
        let shareBlocks: UInt = 0x4004_9409  // FICLONE, which Swift does not import
        if ioctl(descriptor, shareBlocks, source.descriptor) == 0 { return }
        try source.forEachPiece { (piece: UnsafeRawBufferPointer) throws(SystemFailure) in try write(piece) }
    }

    /// Length and SHA-256 of the file from where it stands to its end.
    func digest() throws(SystemFailure) -> (bytes: Int64, sha256: [UInt8]) {
        var hash = SHA256()
        var bytes: Int64 = 0
        try forEachPiece { (piece: UnsafeRawBufferPointer) throws(SystemFailure) in
            hash.update(bufferPointer: piece)
            bytes += Int64(piece.count)
        }
        return (bytes, Array(hash.finalize()))
    }
}
