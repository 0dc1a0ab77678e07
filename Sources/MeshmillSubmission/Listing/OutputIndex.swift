import Artifacts

/// Which outputs are taken, and by whom: 24 bytes an output, not its name.
///
/// Two outputs collide when some file system would take their results for one file, or when a result of one is a folder
/// on the other's way.
struct OutputIndex: Sendable {
    /// What became of a claim.
    enum Claim: Sendable, Equatable {
        /// The output is the candidate's.
        case first
        /// The same source with the same parameters claimed it before.
        case again
        /// Something else has it; the key is the one that ``CollisionFinder`` looks for.
        case taken(OutputKey)
    }

    private var stems: [OutputKey: UInt64] = [:]
    private var folders: Set<OutputKey> = []

    /// How many outputs are taken.
    var count: Int { stems.count }

    mutating func claim(_ candidate: SourceCandidate) -> Claim {
        let claim = OutputKey.claim(of: candidate)
        let key = OutputKey(stem: candidate.output.stem)
        if let holder = stems[key] { return holder == claim ? .again : .taken(key) }
        if folders.contains(key) { return .taken(key) }
        for folder in candidate.folderKeys {
            if stems[folder] != nil { return .taken(folder) }
            folders.insert(folder)
        }
        stems[key] = claim
        return .first
    }
}

extension SourceCandidate {
    /// The keys of stems that cannot be, since folders on the way to this output have their results' names.
    var folderKeys: [OutputKey] {
        let stem = output.stem
        return stem.utf8.indices.filter { stem.utf8[$0] == UInt8(ascii: "/") }.compactMap {
            OutputKey(folder: stem[..<$0])
        }
    }
}
