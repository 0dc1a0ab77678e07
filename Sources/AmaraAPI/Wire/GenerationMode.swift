/// How carefully the provider works on a mesh; each mode costs one credit.
///
/// Source: the reference, "Generation Modes".
package enum GenerationMode: String, Sendable, Codable, CaseIterable {
    /// 512 px, about 30 s to 2 min; the provider's default.
    case fast
    /// 1024 px, about 2 to 4 min.
    case standard
    /// 1536 px, about 4 to 8 min.
    case detailed
}
