/// A column of a CSV manifest, or a member of a JSON Lines one.
enum ManifestField: String, CaseIterable, Sendable {
    case image
    case customID = "custom_id"
    case prompt
    case mode
    case seed
    case decimationTarget = "decimation_target"
    case textureSize = "texture_size"
    case priority
    case out

    /// All names, as an error message lists them.
    static let list = allCases.map(\.rawValue).joined(separator: ", ")
}
