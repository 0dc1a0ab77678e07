import Artifacts

/// Names the sources of outputs that collide, in a second look at all names.
///
/// The first look keeps 24 bytes an output, so it knows that outputs collide but not whose they are.
struct CollisionFinder: Sendable {
    private struct Holder {
        let name: String
        /// `nil` for a folder on the way to the holder's output.
        let claim: UInt64?
    }

    private let suspects: Set<OutputKey>
    private var holders: [OutputKey: Holder] = [:]
    private(set) var collisions = OutputCollisions()

    /// A finder of whoever has these keys.
    init(suspects: Set<OutputKey>) { self.suspects = suspects }

    /// Looks at a candidate; all are shown to it in the order of the first look.
    mutating func look(at candidate: SourceCandidate) {
        let key = OutputKey(stem: candidate.output.stem)
        if holds(key, candidate, claim: OutputKey.claim(of: candidate)) { return }
        for folder in candidate.folderKeys where holds(folder, candidate, claim: nil) { return }
    }

    /// Remembers who was first to have a suspected key, and notes who comes later; whether it noted something.
    private mutating func holds(_ key: OutputKey, _ candidate: SourceCandidate, claim: UInt64?) -> Bool {
        guard suspects.contains(key) else { return false }
        guard let holder = holders[key] else {
            holders[key] = Holder(name: candidate.placedName, claim: claim)
            return false
        }
        guard holder.claim != claim else { return false }
        collisions.add(
            OutputCollisions.Pair(first: holder.name, second: candidate.placedName, output: candidate.output.glb)
        )
        return true
    }
}
