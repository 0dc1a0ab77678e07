import Artifacts
import Crypto
import Foundation
import Testing

@Suite("The output folder")
struct OutputFolderTests {
    @Test("the folder is made with all above it, and proves writable")
    func create() async throws {
        try await withTemporaryFolder { folder in
            let output = try OutputFolder(root: folder + "/a/b//c/")
            #expect(output.root == folder + "/a/b/c")
            await expectFailure(.rootMissing) { try await output.probe() }
            for _ in 0..<2 { try await output.create() }
            try await output.probe()
            #expect(files(below: folder).isEmpty)
            #expect(try await output.availableBytes() > 0)
        }
    }

    @Test("a relative path, the root of the disk and a NUL are no output folder", arguments: ["", "out", "/", "/a\0b"])
    func badRoots(root: String) async {
        await expectFailure(.invalidName) { _ = try OutputFolder(root: root) }
    }

    @Test("a file where the folder should be is told with the cure")
    func fileAsRoot() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            await expectFailure(.notAFolder) { try await OutputFolder(root: folder + "/file").create() }
            await expectFailure(.notAFolder) { try await OutputFolder(root: folder + "/file/below").create() }
            await expectFailure(.notAFolder) { try await OutputFolder(root: folder + "/file").probe() }
        }
    }

    @Test("a file appears under its name only when it is published")
    func publish() async throws {
        try await withOutput { output in
            let part = try await output.beginFile(relative: "x/y.glb")
            try await part.write([1, 2])
            try await part.write([3])
            #expect(part.bytesWritten == 3)
            #expect(part.finalPath == output.root + "/x/y.glb")
            #expect(files(below: output.root) == [String(part.path.dropFirst(output.root.count + 1))])
            #expect(try Data(contentsOf: URL(filePath: part.path)) == Data([1, 2, 3]))
            try await part.publish(replacing: false)
            #expect(files(below: output.root) == ["x/y.glb"])
        }
    }

    @Test("a name that is taken is kept unless it is to be replaced")
    func exclusive() async throws {
        try await withOutput { output in
            try await output.writeSmallFile(relative: "a.json", bytes: [1], replacing: false)
            await expectFailure(.exists) {
                try await output.writeSmallFile(relative: "a.json", bytes: [2], replacing: false)
            }
            #expect(try Data(contentsOf: URL(filePath: output.root + "/a.json")) == Data([1]))
            try await output.writeSmallFile(relative: "a.json", bytes: [2, 2], replacing: true)
            #expect(try Data(contentsOf: URL(filePath: output.root + "/a.json")) == Data([2, 2]))
            #expect(files(below: output.root) == ["a.json"])
        }
    }

    @Test("of many writers of one name, one wins and no part stays behind")
    func race() async throws {
        try await withOutput { output in
            let wins = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        do {
                            try await output.writeSmallFile(
                                relative: "one.glb",
                                bytes: [UInt8(number)],
                                replacing: false
                            )
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
            #expect(files(below: output.root) == ["one.glb"])
        }
    }

    @Test("a part that is discarded, or forgotten, leaves nothing")
    func discard() async throws {
        try await withOutput { output in
            let part = try await output.beginFile(relative: "a.glb")
            try await part.write([1])
            await part.discard()
            await part.discard()
            _ = try await output.beginFile(relative: "forgotten.glb")
            #expect(files(below: output.root).isEmpty)
        }
    }

    @Test("publishing and discarding survive cancellation, writing does not begin")
    func cancellation() async throws {
        try await withOutput { output in
            let kept = try await output.beginFile(relative: "kept.glb")
            let dropped = try await output.beginFile(relative: "dropped.glb")
            await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await expectFailure(.cancelled) { try await kept.write([1]) }
                try? await kept.publish(replacing: false)
                await dropped.discard()
            }.value
            #expect(files(below: output.root) == ["kept.glb"])
        }
    }

    @Test(
        "no path leaves the folder",
        arguments: [
            "", "/etc/x", "../x", "a/../../x", "a//b", "./a", "a/.", "a\0b", String(repeating: "n", count: 256),
        ]
    )
    func badPaths(path: String) async throws {
        try await withOutput { output in
            await expectFailure(.invalidName) { _ = try await output.beginFile(relative: path) }
            await expectFailure(.invalidName) { _ = try await output.existing(relative: path) }
            await expectFailure(.invalidName) { try await output.linkOrCopy(from: path, to: "b") }
        }
    }

    @Test("THREAT 3: no link below the root is followed, in a folder or as the file")
    func links() async throws {
        try await withTemporaryFolder { folder in
            let output = try OutputFolder(root: folder + "/out")
            try await output.create()
            try Data([7]).write(to: URL(filePath: folder + "/secret"))
            try FileManager.default.createDirectory(atPath: folder + "/elsewhere", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: output.root + "/sub",
                withDestinationPath: folder + "/elsewhere"
            )
            try FileManager.default.createSymbolicLink(
                atPath: output.root + "/a.glb",
                withDestinationPath: folder + "/secret"
            )
            await expectFailure(.symbolicLink) { _ = try await output.beginFile(relative: "sub/x.glb") }
            await expectFailure(.symbolicLink) { _ = try await output.existing(relative: "a.glb") }
            await expectFailure(.symbolicLink) { try await output.linkOrCopy(from: "a.glb", to: "b.glb") }
            // A link that has the file's name is replaced, not written through.
            try await output.writeSmallFile(relative: "a.glb", bytes: [8, 8], replacing: true)
            #expect(try Data(contentsOf: URL(filePath: folder + "/secret")) == Data([7]))
            #expect(try await output.existing(relative: "a.glb")?.bytes == 2)
            #expect(files(below: folder + "/elsewhere").isEmpty)
        }
    }

    @Test("the root itself may be a link")
    func linkedRoot() async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/disk", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: folder + "/out", withDestinationPath: folder + "/disk")
            let output = try OutputFolder(root: folder + "/out")
            try await output.create()
            try await output.writeSmallFile(relative: "a.json", bytes: [1], replacing: false)
            #expect(files(below: folder + "/disk") == ["a.json"])
        }
    }

    @Test("names with quotes, newlines, emoji and 240 bytes are kept")
    func oddNames() async throws {
        try await withOutput { output in
            let names = [
                "a 'b' \"c\".glb", "new\nline.glb", "🦊 fox.glb", "-rf.glb", String(repeating: "é", count: 120),
            ]
            for name in names {
                try await output.writeSmallFile(relative: "d/" + name, bytes: [1], replacing: false)
                #expect(try await output.existing(relative: "d/" + name)?.bytes == 1)
            }
            #expect(files(below: output.root).count == names.count)
        }
    }

    @Test("a folder that vanished is told from a file that is missing, and is not made anew")
    func rootMissing() async throws {
        try await withOutput { output in
            #expect(try await output.existing(relative: "no/such.glb") == nil)
            let part = try await output.beginFile(relative: "a.glb")
            try FileManager.default.removeItem(atPath: output.root)
            await expectFailure(.rootMissing) { _ = try await output.existing(relative: "a.glb") }
            await expectFailure(.rootMissing) { _ = try await output.beginFile(relative: "b.glb") }
            await expectFailure(.rootMissing) { try await part.publish(replacing: false) }
            #expect(!FileManager.default.fileExists(atPath: output.root))
        }
    }

    @Test("a file that a crashed worker left behind is measured and hashed")
    func existing() async throws {
        try await withOutput { output in
            #expect(try await output.existing(relative: "a.glb") == nil)
            let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0) }
            try await output.writeSmallFile(relative: "a.glb", bytes: bytes, replacing: false)
            let existing = try await output.existing(relative: "a.glb")
            #expect(existing?.bytes == 700_000)
            #expect(existing?.sha256 == Array(SHA256.hash(data: bytes)))
            #expect(existing?.path == output.root + "/a.glb")
            try FileManager.default.createDirectory(atPath: output.root + "/b.glb", withIntermediateDirectories: true)
            await expectFailure(.notAFile) { _ = try await output.existing(relative: "b.glb") }
        }
    }

}
