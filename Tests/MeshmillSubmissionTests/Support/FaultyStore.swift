import Artifacts
import Synchronization

/// A store whose first puts find its folder gone.
final class FaultyStore: ArtifactStore {
    private let store: any ArtifactStore
    private let failures: Mutex<Int>
    private let gone: any ArtifactStore

    init(_ store: any ArtifactStore, failures: Int) {
        self.store = store
        self.failures = Mutex(failures)
        gone = MissingStore.make(beside: store)
    }

    var url: String { store.url }

    func open() async throws(ArtifactError) { try await store.open() }

    func put(_ bytes: [UInt8], at key: ArtifactKey) async throws(ArtifactError) {
        let fails = failures.withLock { count in
            guard count > 0 else { return false }
            count -= 1
            return true
        }
        try await (fails ? gone : store).put(bytes, at: key)
    }

    func get(_ key: ArtifactKey, maximumBytes: Int) async throws(ArtifactError) -> [UInt8] {
        try await store.get(key, maximumBytes: maximumBytes)
    }

    func contains(_ key: ArtifactKey) async throws(ArtifactError) -> Bool { try await store.contains(key) }

    func remove(_ key: ArtifactKey) async throws(ArtifactError) { try await store.remove(key) }
}

/// Names a store in a folder that nobody made.
private enum MissingStore {
    static func make(beside store: any ArtifactStore) -> any ArtifactStore {
        do {
            return try FileArtifactStore(url: store.url + "-gone")
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
