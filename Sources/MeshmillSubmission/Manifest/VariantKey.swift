import Artifacts

/// What rows have in common that are variants of each other: their image, and the output that it alone would give.
///
/// The output counts too, since an image named by a path from the manifest and by one from the root gives two.
/// It is a hash that is seeded anew in each process; that two of a million images share one happens once in 10⁷ times,
/// and then their outputs only get longer names.
struct VariantKey: Sendable, Hashable {
    private let hash: UInt64

    /// The key of a row; `nil` for a row that has an `out`, and for what no row names.
    init?(_ candidate: SourceCandidate) {
        guard let row = candidate.row, !row.choosesOutput else { return nil }
        var hasher = Hasher()
        // Strings are equal across Unicode forms, files are not.
        for byte in candidate.source.utf8 { hasher.combine(byte) }
        hasher.combine(0 as UInt8)
        for byte in candidate.output.stem.utf8 { hasher.combine(byte) }
        hash = UInt64(truncatingIfNeeded: hasher.finalize())
    }
}
