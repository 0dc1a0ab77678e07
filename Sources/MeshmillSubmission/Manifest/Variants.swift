/// The images for which rows of a manifest ask in several ways, and how the outputs of these rows are told apart.
///
/// Only rows without an `out` count. What is said here depends on which rows there are and not on their order. It is
/// kept as hashes, 16 bytes for each such image and nothing for any other.
struct Variants: Sendable, Equatable {
    /// What is put behind the image's name.
    enum Naming: Sendable {
        /// The `custom_id`, which each row has and no two share.
        case customID
        /// A digest of the row's parameters.
        case parameters
    }

    /// No image has any, as in folders.
    static let none = Variants(namings: [:])

    private let namings: [VariantKey: Naming]

    init(namings: [VariantKey: Naming]) { self.namings = namings }

    /// How many images have variants.
    var count: Int { namings.count }

    /// The candidate with an output of its own if its image has variants, else as it is.
    func naming(_ candidate: SourceCandidate) -> SourceCandidate {
        guard !namings.isEmpty, let key = VariantKey(candidate), let naming = namings[key] else { return candidate }
        let output =
            switch naming {
            case .customID: candidate.outputByCustomID
            case .parameters: candidate.outputByParameters
            }
        guard let output else { return candidate }
        var named = candidate
        named.output = output
        return named
    }
}
