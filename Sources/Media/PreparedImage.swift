/// A picture as the provider gets it: upright, 8-bit, within the provider's limits.
package struct PreparedImage: Sendable, Hashable {
    /// The encoded file.
    package let bytes: [UInt8]
    package let format: ImageFormat
    /// Width in pixels, after turning upright and scaling.
    package let width: Int
    /// Height in pixels, after turning upright and scaling.
    package let height: Int
    /// SHA-256 of ``bytes``, 32 bytes.
    ///
    /// The same file gives the same digest, as long as the image library stays the same: a new one may encode
    /// differently.
    package let sha256: [UInt8]
}
