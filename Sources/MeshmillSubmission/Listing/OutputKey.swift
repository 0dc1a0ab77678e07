import Artifacts

/// The name that results have in common, as the most forgiving file system sees it, in 128 bits.
///
/// The hash is seeded anew in each process, so no names can be made that collide by design; by chance, a million
/// names do so once in 10²⁶ times.
struct OutputKey: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64

    /// The key of a stem: a path below the output folder, without the ending.
    init(stem: String) {
        let key = CollisionKey(stem)
        high = Self.hash(key, salt: 1)
        low = Self.hash(key, salt: 2)
    }

    /// The stem whose results would need a folder's name: `a/b` for the folder `a/b.glb`; `nil` for most folders.
    init?(folder: Substring) {
        let name = folder.lowercased()
        guard let ending = OutputName.suffixes.first(where: { name.hasSuffix($0) }) else { return nil }
        self.init(stem: String(folder.dropLast(ending.count)))
    }

    /// What tells one candidate from another: its source, and what is asked for it.
    static func claim(of candidate: SourceCandidate) -> UInt64 {
        var hasher = Hasher()
        // Strings are equal across Unicode forms, files are not.
        for byte in candidate.source.utf8 { hasher.combine(byte) }
        hasher.combine(candidate.template)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    private static func hash(_ key: CollisionKey, salt: UInt8) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(salt)
        hasher.combine(key)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}
