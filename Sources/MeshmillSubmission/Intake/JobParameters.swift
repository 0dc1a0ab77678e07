/// What a job asks of the provider beside its image, each value stated.
///
/// The provider's documented defaults are written out, so that a job means the same whether they were typed or left
/// out, and keeps its meaning if the provider changes them. Two jobs of a batch with equal images and equal parameters
/// are one job.
///
/// Source: the reference, "Create Generation" and "Generation Modes".
package struct JobParameters: Sendable, Hashable {
    /// How carefully the provider works on a mesh.
    package enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        case fast, standard, detailed
    }

    /// Triangle counts that the provider accepts.
    package static let decimationTargets = 100_000...500_000
    /// Texture sizes that the provider accepts, in pixels.
    package static let textureSizes = 1_024...4_096
    /// The longest prompt that is taken, in bytes of UTF-8; the reference names no limit.
    package static let maximumPromptBytes = 8_192

    package let mode: Mode
    /// Text that guides the mesh; never empty, `nil` when there is none.
    package let prompt: String?
    package let seed: Int64
    /// Wanted number of triangles, within ``decimationTargets``.
    package let decimationTarget: Int
    /// Texture resolution in pixels, within ``textureSizes``.
    package let textureSize: Int

    /// Parameters that the provider will accept.
    ///
    /// - Parameters:
    ///   - mode: how carefully the provider works.
    ///   - prompt: an empty one counts as none.
    ///   - seed: the same seed and image give the same mesh.
    ///   - decimationTarget: within ``decimationTargets``.
    ///   - textureSize: within ``textureSizes``.
    /// - Throws: ``InvalidParameter``, naming the first value that is out of range.
    package init(
        mode: Mode = .fast,
        prompt: String? = nil,
        seed: Int64 = 42,
        decimationTarget: Int = 300_000,
        textureSize: Int = 2_048
    ) throws(InvalidParameter) {
        if let prompt {
            guard prompt.utf8.count <= Self.maximumPromptBytes else {
                throw InvalidParameter("prompt", "is longer than \(Self.maximumPromptBytes) bytes")
            }
            // PostgreSQL's text cannot hold it, and no prompt needs it.
            guard !prompt.utf8.contains(0) else { throw InvalidParameter("prompt", "contains a NUL character") }
        }
        try InvalidParameter.check("decimation_target", decimationTarget, within: Self.decimationTargets)
        try InvalidParameter.check("texture_size", textureSize, within: Self.textureSizes)
        self.mode = mode
        self.prompt = prompt == "" ? nil : prompt
        self.seed = seed
        self.decimationTarget = decimationTarget
        self.textureSize = textureSize
    }

    /// The provider's documented defaults and no prompt.
    package static let providerDefaults = JobParameters()

    private init() {
        mode = .fast
        prompt = nil
        seed = 42
        decimationTarget = 300_000
        textureSize = 2_048
    }
}
