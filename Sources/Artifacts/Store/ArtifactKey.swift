/// The name of an artifact in a store, made from its content: `inputs/ab/abcdef….jpg`.
///
/// Equal content has one key, so a second put changes nothing and any worker finds what any other one stored.
package struct ArtifactKey: Sendable, Hashable, CustomStringConvertible {
    /// What an artifact is for.
    package enum Area: String, Sendable, Hashable, CaseIterable {
        /// Images as the provider gets them.
        case inputs
        /// GLBs that are kept beside the output folders.
        case results
    }

    package let area: Area
    /// SHA-256 of the content, 32 bytes.
    package let sha256: [UInt8]
    /// The extension without the dot: 1 to 8 of a-z and 0-9.
    package let fileExtension: String

    /// Names content by its digest.
    ///
    /// - Throws: `invalidName` unless the digest has 32 bytes and the extension 1 to 8 of a-z and 0-9.
    package init(_ area: Area, sha256: [UInt8], fileExtension: String) throws(ArtifactError) {
        let isPlain = fileExtension.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard sha256.count == 32, isPlain, (1...8).contains(fileExtension.utf8.count) else {
            throw ArtifactError(
                .invalidName,
                action: "name",
                path: "an artifact .\(fileExtension.prefix(16))",
                cause: "a key needs 32 bytes of SHA-256 and an extension of at most 8 letters and digits"
            )
        }
        self.area = area
        self.sha256 = sha256
        self.fileExtension = fileExtension
    }

    /// Reads a key as ``description`` writes it.
    ///
    /// - Throws: `invalidName` for any other text, so what comes from a database row is no way out of the store.
    package init(_ text: String) throws(ArtifactError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let name = parts.last.map { $0.split(separator: ".", omittingEmptySubsequences: false) } ?? []
        guard parts.count == 3, name.count == 2, let area = Area(rawValue: String(parts[0])),
            let sha256 = Hexadecimal.bytes(name[0]), name[0].hasPrefix(parts[1]), parts[1].utf8.count == 2
        else {
            throw ArtifactError(
                .invalidName,
                action: "read the artifact key",
                path: text.prefix(bytes: 120),
                cause: "it is not of the form inputs/ab/abcdef….jpg"
            )
        }
        try self.init(area, sha256: sha256, fileExtension: String(name[1]))
    }

    /// The key as text and as path below a store's root.
    package var description: String {
        let digest = Hexadecimal.text(sha256)
        return "\(area.rawValue)/\(digest.prefix(2))/\(digest).\(fileExtension)"
    }
}
