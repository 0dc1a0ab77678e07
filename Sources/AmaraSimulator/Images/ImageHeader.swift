package import Foundation

/// What the first bytes of an image say about it, after a check that the file is whole.
package struct ImageHeader: Sendable, Equatable {
    /// The formats that the provider takes.
    package enum Format: String, Sendable { case png, jpeg, webp }

    /// Longest side that the provider takes, in pixels.
    package static let maximumSide = 1_024

    package var format: Format
    package var width: Int
    package var height: Int

    /// Tells format and dimensions, and refuses files that are cut off.
    ///
    /// The pixels are not decoded: damage inside the compressed data goes unnoticed, as it may at the real provider.
    package static func read(_ data: Data) throws(RequestProblem) -> ImageHeader {
        let bytes = ImageBytes(data)
        let header: ImageHeader
        if bytes.matches(PNGHeader.signature, at: 0) {
            header = try PNGHeader.read(bytes)
        } else if bytes.matches(JPEGHeader.signature, at: 0) {
            header = try JPEGHeader.read(bytes)
        } else if bytes.matches(WebPHeader.signature, at: 0), bytes.matches(WebPHeader.form, at: 8) {
            header = try WebPHeader.read(bytes)
        } else {
            throw .image("Invalid image format. Supported formats: PNG, JPEG, WebP.")
        }
        guard header.width > 0, header.height > 0 else { throw .image("Image is corrupt: it has no pixels.") }
        return header
    }
}
