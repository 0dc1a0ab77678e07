import Foundation
import Glibc

/// A folder of a test's own, with whatever the test needs in it.
struct TemporaryFolder: Sendable {
    /// Absolute, without links.
    let path: String

    /// Writes a file and the folders on its way.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = try make(name)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    func makePipe(_ name: String) throws { try check(mkfifo(try make(name), 0o600)) }

    func makeLink(_ name: String, to target: String) throws { try check(symlink(target, try make(name))) }

    /// Writes a file whose name is given in bytes.
    func write(nameBytes: [UInt8], _ bytes: [UInt8]) throws {
        let name = (Array(path.utf8) + [UInt8(ascii: "/")] + nameBytes + [0]).map { CChar(bitPattern: $0) }
        let descriptor = open(name, O_WRONLY | O_CREAT, 0o600)
        try check(descriptor)
        defer { close(descriptor) }
        try check(Int32(Glibc.write(descriptor, bytes, bytes.count)))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    private func make(_ name: String) throws -> String {
        let file = path + "/" + name
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
        return file
    }

    private func check(_ result: Int32) throws {
        guard result >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}

/// Runs a test with a folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("submission-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(TemporaryFolder(path: url.resolvingSymlinksInPath().path))
}
