/// What a generation is asked for beside its image; `nil` leaves the provider's default.
///
/// Source: the reference, "Create Generation".
package struct GenerationParameters: Sendable, Hashable {
    /// Triangle counts that the provider accepts.
    package static let decimationTargets = 100_000...500_000
    /// Texture sizes that the provider accepts, in pixels.
    package static let textureSizes = 1_024...4_096

    package var mode: GenerationMode?
    /// Text that guides the mesh.
    package var prompt: String?
    /// The provider's default is 42; the same seed and image give the same mesh.
    package var seed: Int64?
    /// Wanted number of triangles, within ``decimationTargets``; the provider's default is 300,000.
    package var decimationTarget: Int?
    /// Texture resolution in pixels, within ``textureSizes``; the provider's default is 2,048.
    package var textureSize: Int?

    package init(
        mode: GenerationMode? = nil,
        prompt: String? = nil,
        seed: Int64? = nil,
        decimationTarget: Int? = nil,
        textureSize: Int? = nil
    ) {
        self.mode = mode
        self.prompt = prompt
        self.seed = seed
        self.decimationTarget = decimationTarget
        self.textureSize = textureSize
    }
}
