import Crypto

/// Where the results of one source go, below the output folder: `a/b.png` → `a/b.glb`, `a/b.json`, `a/b.thumbnail.png`.
///
/// The tree of sources is mirrored. Quotes, newlines, emoji and any script stay as they are; other control characters
/// become `_`, and a part of the name that would be longer than 255 bytes is cut and ends in a digest of the whole.
package struct OutputName: Sendable, Hashable {
    /// The path that all results of the source have in common, without extension.
    package let stem: String

    /// The longest ending that a stem gets, in bytes.
    private static let longestSuffix = ".thumbnail.webp".utf8.count
    private static let longestComponent = 255

    /// Extensions that a source loses; others belong to its name.
    private static let sourceExtensions = ["png", "jpg", "jpeg", "webp"]

    /// Derives the name from a source's path relative to what was submitted.
    ///
    /// - Throws: `invalidName` for a path that is absolute, empty, or holds `.`, `..` or an empty part.
    package init(source: String) throws(ArtifactError) {
        try self.init(source, dropping: Self.sourceExtensions)
    }

    /// Takes the name that a manifest asks for, with or without `.glb`.
    ///
    /// - Throws: `invalidName` for a path that is absolute, empty, or holds `.`, `..` or an empty part.
    package init(chosen: String) throws(ArtifactError) {
        try self.init(chosen, dropping: ["glb"])
    }

    private init(_ path: String, dropping extensions: [String]) throws(ArtifactError) {
        let path = try Self.components(of: path)
        let name = path.name.split(separator: ".", omittingEmptySubsequences: false)
        let drops = name.count > 1 && extensions.contains(name[name.count - 1].lowercased())
        let bare = drops ? name.dropLast().joined(separator: ".") : path.name
        // A file that is called just ".png" keeps that as its name.
        let stem = Self.shortened(bare.isEmpty ? path.name : bare, to: Self.longestComponent - Self.longestSuffix)
        let folders = path.folders.map { Self.shortened($0, to: Self.longestComponent) }
        self.stem = (folders + [stem]).joined(separator: "/")
    }

    /// Path of the GLB.
    package var glb: String { stem + ".glb" }
    /// Path of the description: parameters, generation id, times, SHA-256.
    package var json: String { stem + ".json" }
    /// Path of the thumbnail, whose extension (like `png`, without the dot) is one of ours.
    package func thumbnail(fileExtension: String) -> String { stem + ".thumbnail." + fileExtension }

    /// Every ending that a result may have, each with its dot.
    package static let suffixes = [".glb", ".json"] + sourceExtensions.map { ".thumbnail." + $0 }

    /// Cleans the parts of a path and refuses one that is no path below a folder.
    private static func components(of path: String) throws(ArtifactError) -> (folders: [String], name: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains(where: { ["", ".", ".."].contains($0) }) else {
            throw ArtifactError(
                .invalidName,
                action: "use",
                path: path.prefix(bytes: 300),
                cause: "it is not a path below the output folder",
                cure: "choose another name"
            )
        }
        let cleaned = parts.map(cleaned)
        return (Array(cleaned.dropLast()), cleaned[cleaned.count - 1])
    }

    private static func cleaned(_ component: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in component.unicodeScalars {
            let isKept = scalar.properties.generalCategory != .control || scalar == "\n" || scalar == "\t"
            scalars.append(isKept ? scalar : "_")
        }
        return String(scalars)
    }

    private static func shortened(_ component: String, to limit: Int) -> String {
        guard component.utf8.count > limit else { return component }
        let digest = Hexadecimal.text(SHA256.hash(data: Array(component.utf8)).prefix(8))
        return component.prefix(bytes: limit - digest.utf8.count - 1) + "~" + digest
    }
}
