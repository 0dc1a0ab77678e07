/// Where prepared inputs lie, so that any worker on any machine can do any job.
package protocol ArtifactStore: Sendable {
    /// The store's address, as the database records it.
    var url: String { get }

    /// Proves that the store can be written to.
    ///
    /// - Parameter isNew: whether it is made if it is missing. One that was in use and is missing is not mounted, most
    ///   likely, and must not be hidden by an empty one.
    /// - Throws: `rootMissing` if it is not there and not new.
    func open(isNew: Bool) async throws(ArtifactError)

    /// Stores content under its key, durably once this returns; content that is there already is left as it is.
    func put(_ bytes: [UInt8], at key: ArtifactKey) async throws(ArtifactError)

    /// Fetches content and checks it against its key.
    ///
    /// - Throws: `notFound` if there is none, `tooLarge` if it has more than `maximumBytes`, `damaged` if it is not
    ///   what its key says.
    func get(_ key: ArtifactKey, maximumBytes: Int) async throws(ArtifactError) -> [UInt8]

    /// Whether there is content under the key.
    func contains(_ key: ArtifactKey) async throws(ArtifactError) -> Bool

    /// Removes content; what is not there is no error.
    func remove(_ key: ArtifactKey) async throws(ArtifactError)
}

/// Makes the store that an address names, without touching it yet.
///
/// - Parameter url: `file:///absolute/path`.
/// - Returns: a store that ``ArtifactStore/open()`` makes usable.
/// - Throws: `invalidURL` for text that is no such address, `unsupportedStore` for another kind of store.
package func makeArtifactStore(url: String) throws(ArtifactError) -> any ArtifactStore {
    switch url.prefix(while: { $0 != ":" }) {
    case "file":
        return try FileArtifactStore(url: url)
    case "s3":
        throw ArtifactError(
            .unsupportedStore,
            action: "use the artifact store",
            path: url,
            cause: "s3: is not supported yet",
            cure: "set MESHMILL_ARTIFACTS to file:///a/path/that/all/workers/share"
        )
    default:
        throw ArtifactError(
            .invalidURL,
            action: "use the artifact store",
            path: url,
            cause: "it is no address of a store",
            cure: "set MESHMILL_ARTIFACTS to file:///an/absolute/path"
        )
    }
}
