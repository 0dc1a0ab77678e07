/// A prepared image that the artifact store has, and the source that it was made from.
package struct StoredInput: Sendable, Hashable {
    /// SHA-256 of the file as it lay on disk, 32 bytes.
    package var sourceSHA256: [UInt8]
    /// SHA-256 of the prepared image, 32 bytes: its name in the artifact store.
    package var inputSHA256: [UInt8]
    /// `png`, `jpeg` or `webp`.
    package var format: String
    /// Size of the prepared image.
    package var bytes: Int
    /// Width and height of the prepared image in pixels.
    package var width: Int
    package var height: Int

    package init(
        sourceSHA256: [UInt8],
        inputSHA256: [UInt8],
        format: String,
        bytes: Int,
        width: Int,
        height: Int
    ) {
        self.sourceSHA256 = sourceSHA256
        self.inputSHA256 = inputSHA256
        self.format = format
        self.bytes = bytes
        self.width = width
        self.height = height
    }
}
