import Foundation
import Media
import Testing

@Suite("Checking GLBs on disk")
struct GLBFileTests {
    @Test("a file of several megabytes is read to its end")
    func large() async throws {
        try await withFolder { folder in
            let binary = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let file = GLBBytes.file(chunks: [GLBBytes.chunk("JSON", GLBBytes.json), GLBBytes.chunk("BIN", binary)])
            let path = folder + "/a.glb"
            try Data(file).write(to: URL(filePath: path))
            #expect(try await GLB.verify(path: path) == (try GLB.verify(file)))
            await #expect(throws: GLBDefect.tooLarge(bytes: Int64(file.count), maximum: 1_000)) {
                try await GLB.verify(path: path, maximumBytes: 1_000)
            }
        }
    }

    @Test("a link, a folder, a FIFO and a missing file are refused without waiting")
    func otherThanFiles() async throws {
        try await withFolder { folder in
            try Data(GLBBytes.file()).write(to: URL(filePath: folder + "/real.glb"))
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link.glb",
                withDestinationPath: folder + "/real.glb"
            )
            mkfifo(folder + "/fifo.glb", 0o600)
            for name in ["link.glb", "fifo.glb", "missing.glb", "."] {
                await #expect {
                    try await GLB.verify(path: folder + "/" + name)
                } throws: { error in
                    guard case .unreadable? = error as? GLBDefect else { return false }
                    return true
                }
            }
        }
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }
}
