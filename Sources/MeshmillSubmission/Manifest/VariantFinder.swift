import Artifacts

/// Finds the images for which a manifest asks in several ways, in a look at all rows before any output is claimed.
///
/// It takes 24 bytes an image and 24 a `custom_id` for this look, and is gone before outputs are kept.
struct VariantFinder: Sendable {
    private struct Use {
        /// A hash of what the image's first row asks for.
        let template: Int
        var isPlural = false
        /// Whether each row so far has a `custom_id` that can be part of a name and no other row has.
        var hasCustomIDs = true
    }

    /// An image and the output that a `custom_id` would give it.
    private struct Claim: Hashable {
        let image: VariantKey
        let output: Int
    }

    private var uses: [VariantKey: Use] = [:]
    /// What the first row asks for that has the `custom_id`.
    private var claims: [Claim: Int] = [:]

    /// Takes in a row; whatever is no row without an `out` does not count.
    mutating func look(at candidate: SourceCandidate) {
        guard let image = VariantKey(candidate) else { return }
        let template = Self.hash(candidate.template)
        var use = uses[image] ?? Use(template: template)
        if use.template != template { use.isPlural = true }
        if !claimsCustomID(of: candidate, image, template) { use.hasCustomIDs = false }
        uses[image] = use
    }

    /// What was found in all rows.
    var variants: Variants {
        Variants(namings: uses.filter(\.value.isPlural).mapValues { $0.hasCustomIDs ? .customID : .parameters })
    }

    /// Whether the row has a usable `custom_id` that no other row of the image has, but for one that asks the same.
    private mutating func claimsCustomID(of candidate: SourceCandidate, _ image: VariantKey, _ template: Int) -> Bool {
        guard let output = candidate.outputByCustomID else { return false }
        // Ids that differ only in case would collide somewhere.
        let claim = Claim(image: image, output: Self.hash(OutputKey(stem: output.stem)))
        guard let holder = claims[claim] else {
            claims[claim] = template
            return true
        }
        return holder == template
    }

    private static func hash(_ value: some Hashable) -> Int {
        var hasher = Hasher()
        hasher.combine(value)
        return hasher.finalize()
    }
}
