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
        /// Something else has it, or a result of one is a folder on the other's way.
        case taken
    }

    private var stems: [OutputKey: UInt64] = [:]
    private var folders: Set<OutputKey> = []
    /// Keys that more than one source claimed: those that ``CollisionFinder`` looks for.
    private(set) var contested: Set<OutputKey> = []

    /// How many outputs are taken.
    var count: Int { stems.count }

    /// Claims a candidate's output.
    ///
    /// One that is taken is remembered all the same where it is not in the way, so that each key that two sources
    /// contend for becomes ``contested``, whichever of their rivals turns out to be no image.
    mutating func claim(_ candidate: SourceCandidate) -> Claim {
        let claim = OutputKey.claim(of: candidate)
        let key = OutputKey(stem: candidate.output.stem)
        let holder = stems[key]
        if holder == claim { return .again }
        var isTaken = holder != nil || folders.contains(key)
        if isTaken { contested.insert(key) }
        for folder in candidate.folderKeys {
            folders.insert(folder)
            guard stems[folder] != nil else { continue }
            contested.insert(folder)
            isTaken = true
        }
        if holder == nil { stems[key] = claim }
        return isTaken ? .taken : .first
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
