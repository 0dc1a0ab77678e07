import Artifacts

/// A store that calls a test before each put, which may wait or choose another store for it.
struct HookedStore: ArtifactStore {
    let store: any ArtifactStore
    /// The store that takes the content, given how it begins.
    let beforePut: @Sendable (_ bytes: [UInt8], _ store: any ArtifactStore) async -> any ArtifactStore

    var url: String { store.url }

    func open(isNew: Bool) async throws(ArtifactError) { try await store.open(isNew: isNew) }

    func put(_ bytes: [UInt8], at key: ArtifactKey) async throws(ArtifactError) {
        try await beforePut(bytes, store).put(bytes, at: key)
    }

    func get(_ key: ArtifactKey, maximumBytes: Int) async throws(ArtifactError) -> [UInt8] {
        try await store.get(key, maximumBytes: maximumBytes)
    }

    func contains(_ key: ArtifactKey) async throws(ArtifactError) -> Bool { try await store.contains(key) }

    func remove(_ key: ArtifactKey) async throws(ArtifactError) { try await store.remove(key) }
}

extension HookedStore {
    /// A store whose first puts find its folder gone.
    static func failing(_ store: any ArtifactStore, times: Int) throws -> HookedStore {
        let missing = try FileArtifactStore(url: store.url + "-gone")
        let left = Countdown(times)
        return HookedStore(store: store) { _, store in left.next() ? missing : store }
    }
}
