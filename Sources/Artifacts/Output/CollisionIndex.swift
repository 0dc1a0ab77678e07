/// Finds results that would overwrite one another, before anything is spent.
///
/// Add every output of a submission once. Takes memory for each name, about 200 bytes.
package struct CollisionIndex {
    private struct Owner {
        let source: String
        let stem: String
    }

    private var stems: [CollisionKey: Owner] = [:]
    /// The first source in each folder of the output tree.
    private var folders: [CollisionKey: String] = [:]

    package init() {}

    /// Adds the results of a source; returns the collision with an earlier source, if there is one.
    ///
    /// A source that collides is not added, so that it does not collide with yet others.
    package mutating func add(_ output: OutputName, source: String) -> OutputCollision? {
        let key = CollisionKey(output.stem)
        if let owner = stems[key] {
            // Strings in two Unicode forms are equal to Swift, so bytes are compared.
            let isSame = owner.stem.utf8.elementsEqual(output.stem.utf8)
            return OutputCollision(
                reason: isSame ? .sameName : .sameOnSomeFileSystems,
                source: source,
                other: owner.source,
                output: output.glb
            )
        }
        for suffix in OutputName.suffixes {
            if let other = folders[CollisionKey(output.stem + suffix)] {
                return OutputCollision(
                    reason: .folderAgainstFile,
                    source: source,
                    other: other,
                    output: output.stem + suffix
                )
            }
        }
        let parents = Self.parents(of: output.stem)
        for parent in parents where folders[CollisionKey(parent)] == nil {
            if let other = ownerOfFile(parent) {
                return OutputCollision(reason: .folderAgainstFile, source: source, other: other, output: parent)
            }
        }
        stems[key] = Owner(source: source, stem: output.stem)
        for parent in parents where folders[CollisionKey(parent)] == nil { folders[CollisionKey(parent)] = source }
        return nil
    }

    /// The source one of whose results has this path.
    private func ownerOfFile(_ path: String) -> String? {
        for suffix in OutputName.suffixes where path.lowercased().hasSuffix(suffix) {
            if let owner = stems[CollisionKey(String(path.dropLast(suffix.count)))] { return owner.source }
        }
        return nil
    }

    /// The folders above a path, outermost first.
    private static func parents(of path: String) -> [String] {
        let parts = path.split(separator: "/").dropLast()
        return parts.indices.map { parts[...$0].joined(separator: "/") }
    }
}
