package import AmaraAPI

/// All that a mesh depends on; the same recipe always gives the same bytes.
package struct MeshRecipe: Sendable, Equatable {
    /// ``GenerationRequest/fingerprint``: the image, the parameters and the seed.
    package var fingerprint: String
    package var mode: GenerationMode
    /// Size to aim at in bytes, for the fast mode; the others are 2 and 4 times as large.
    package var bytes: Int

    package init(fingerprint: String, mode: GenerationMode, bytes: Int) {
        self.fingerprint = fingerprint
        self.mode = mode
        self.bytes = bytes
    }
}
