import Artifacts

/// An artifact store in which every image is the same few bytes.
struct OneImage: ArtifactStore {
    let url = "memory:one-image"

    func open(isNew: Bool) async throws(ArtifactError) {}
    func put(_ bytes: [UInt8], at key: ArtifactKey) async throws(ArtifactError) {}
    func get(_ key: ArtifactKey, maximumBytes: Int) async throws(ArtifactError) -> [UInt8] { [0x89, 0x50, 0x4E, 0x47] }
    func contains(_ key: ArtifactKey) async throws(ArtifactError) -> Bool { true }
    func remove(_ key: ArtifactKey) async throws(ArtifactError) {}
}
