import Artifacts
import Crypto
import Foundation
import Testing

@Suite("A store in a folder")
struct FileArtifactStoreTests {
    static func key(_ bytes: [UInt8]) throws -> ArtifactKey {
        try ArtifactKey(.inputs, sha256: Array(SHA256.hash(data: bytes)), fileExtension: "jpg")
    }

    @Test("what was put is found, fetched and removed, once or twice alike")
    func roundTrip() async throws {
        try await withTemporaryFolder { folder in
            let store = try makeArtifactStore(url: "file://\(folder)/new/store")
            try await store.open(isNew: true)
            let bytes = Array("picture".utf8)
            let key = try Self.key(bytes)
            #expect(try await !store.contains(key))
            for _ in 0..<2 { try await store.put(bytes, at: key) }
            #expect(try await store.contains(key))
            #expect(try await store.get(key, maximumBytes: 7) == bytes)
            #expect(files(below: folder) == ["new/store/" + key.description])
            for _ in 0..<2 { try await store.remove(key) }
            #expect(try await !store.contains(key))
            await expectFailure(.notFound) { _ = try await store.get(key, maximumBytes: 7) }
        }
    }

    @Test("a store that was in use is not made anew where it is not mounted, and an empty folder in its place is none")
    func notMounted() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)/store")
            await expectFailure(.rootMissing) { try await store.open(isNew: false) }
            #expect(files(below: folder) == [])
            let key = try Self.key([1])
            await expectFailure(.rootMissing) { _ = try await store.get(key, maximumBytes: 1) }
            try FileManager.default.createDirectory(atPath: store.root, withIntermediateDirectories: false)
            await expectFailure(.rootMissing) { _ = try await store.get(key, maximumBytes: 1) }
            try await store.put([1], at: key)
            try await store.open(isNew: false)
            await expectFailure(.notFound) { _ = try await store.get(try Self.key([2]), maximumBytes: 1) }
        }
    }

    @Test("files and folders of the store are the user's alone")
    func modes() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)/store")
            try await store.open(isNew: true)
            let key = try Self.key([1])
            try await store.put([1], at: key)
            let path = "\(store.root)/\(key)"
            #expect(try permissions(path) == 0o600)
            #expect(try permissions(store.root) == 0o700)
            #expect(try permissions((path as NSString).deletingLastPathComponent) == 0o700)
        }
    }

    @Test("content that rotted is refused, and a put of the right length makes it whole only when removed")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)")
            let bytes: [UInt8] = [1, 2, 3]
            let key = try Self.key(bytes)
            try await store.put(bytes, at: key)
            try Data([9, 9, 9]).write(to: URL(filePath: "\(folder)/\(key)"))
            await expectFailure(.damaged) { _ = try await store.get(key, maximumBytes: 9) }
            try await store.remove(key)
            try await store.put(bytes, at: key)
            #expect(try await store.get(key, maximumBytes: 9) == bytes)
        }
    }

    @Test("content of another length under a key is replaced by a put")
    func wrongLength() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)")
            let key = try Self.key([1, 2, 3])
            try await store.put([], at: key)
            try await store.put([1, 2, 3], at: key)
            #expect(try await store.get(key, maximumBytes: 3) == [1, 2, 3])
            #expect(files(below: folder) == [key.description])
        }
    }

    @Test("content above the caller's cap is not read")
    func cap() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)")
            let key = try Self.key([1, 2, 3])
            try await store.put([1, 2, 3], at: key)
            await expectFailure(.tooLarge) { _ = try await store.get(key, maximumBytes: 2) }
        }
    }

    @Test("many puts of the same content at once leave one whole file")
    func concurrentPuts() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)")
            let bytes = Array(repeating: UInt8(5), count: 100_000)
            let key = try Self.key(bytes)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await store.put(bytes, at: key) } }
                try await group.waitForAll()
            }
            #expect(try await store.get(key, maximumBytes: 100_000) == bytes)
            #expect(files(below: folder) == [key.description])
        }
    }

    @Test("a store whose folder vanished is unavailable and is not made anew")
    func rootMissing() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)/gone")
            let key = try Self.key([1])
            for operation in 0..<4 {
                await #expect {
                    switch operation {
                    case 0: try await store.put([1], at: key)
                    case 1: _ = try await store.get(key, maximumBytes: 1)
                    case 2: _ = try await store.contains(key)
                    default: try await store.remove(key)
                    }
                } throws: { error in
                    (error as? ArtifactError)?.kind == .rootMissing
                        && (error as? ArtifactError)?.isStoreUnavailable == true
                }
            }
            #expect(!FileManager.default.fileExists(atPath: store.root))
        }
    }

    @Test("a link inside the store is not followed")
    func links() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)/store")
            try await store.open(isNew: true)
            let key = try Self.key([1])
            try FileManager.default.createDirectory(atPath: folder + "/elsewhere", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/store/inputs",
                withDestinationPath: folder + "/elsewhere"
            )
            await expectFailure(.symbolicLink) { try await store.put([1], at: key) }
            #expect(files(below: folder + "/elsewhere").isEmpty)
        }
    }

    @Test("a task that was cancelled before puts nothing and says so")
    func cancelled() async throws {
        try await withTemporaryFolder { folder in
            let store = try FileArtifactStore(url: "file://\(folder)")
            let key = try Self.key([1])
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await store.put([1], at: key)
            }
            await expectFailure(.cancelled) { try await task.value }
            #expect(files(below: folder).isEmpty)
        }
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
