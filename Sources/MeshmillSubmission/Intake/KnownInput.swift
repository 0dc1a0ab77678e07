/// An image that was prepared and stored, and the source that it was made from.
package struct KnownInput: Sendable, Hashable {
    /// SHA-256 of the source as it lies on disk, 32 bytes.
    package var sourceSHA256: [UInt8]
    /// SHA-256 of the prepared image, 32 bytes: its name in the artifact store.
    package var inputSHA256: [UInt8]
    /// Length of the prepared image in bytes.
    package var bytes: Int
    /// `png`, `jpeg` or `webp`.
    package var format: String
    /// Width of the prepared image in pixels.
    package var width: Int
    /// Height of the prepared image in pixels.
    package var height: Int

    package init(
        sourceSHA256: [UInt8],
        inputSHA256: [UInt8],
        bytes: Int,
        format: String,
        width: Int,
        height: Int
    ) {
        self.sourceSHA256 = sourceSHA256
        self.inputSHA256 = inputSHA256
        self.bytes = bytes
        self.format = format
        self.width = width
        self.height = height
    }
}
