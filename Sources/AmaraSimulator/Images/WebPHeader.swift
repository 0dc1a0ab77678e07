/// Reads WebP, lossy, lossless and extended.
///
/// Source: Google, "WebP Container Specification" and "WebP Lossless Bitstream"; RFC 6386, section 9.1.
enum WebPHeader {
    static let signature = Array("RIFF".utf8)
    static let form = Array("WEBP".utf8)
    private static let damage = RequestProblem.image("Image is corrupt: the WebP is damaged.")

    static func read(_ bytes: ImageBytes) throws(RequestProblem) -> ImageHeader {
        guard let size = bytes.littleEndian(at: 4, length: 4), size + 8 <= bytes.count,
            let chunk = bytes.littleEndian(at: 16, length: 4), 20 + chunk <= bytes.count
        else { throw .image("Image is corrupt: the WebP is truncated.") }
        let dimensions: (width: Int, height: Int)?
        if bytes.matches(Array("VP8 ".utf8), at: 12) {
            dimensions = lossy(bytes)
        } else if bytes.matches(Array("VP8L".utf8), at: 12) {
            dimensions = lossless(bytes)
        } else if bytes.matches(Array("VP8X".utf8), at: 12) {
            dimensions = extended(bytes)
        } else {
            dimensions = nil
        }
        guard let dimensions else { throw damage }
        return ImageHeader(format: .webp, width: dimensions.width, height: dimensions.height)
    }

    /// A key frame: a tag of three bytes, a start code, then 14 bits each.
    private static func lossy(_ bytes: ImageBytes) -> (width: Int, height: Int)? {
        guard bytes.matches([0x9D, 0x01, 0x2A], at: 23), let width = bytes.littleEndian(at: 26, length: 2),
            let height = bytes.littleEndian(at: 28, length: 2)
        else { return nil }
        return (width & 0x3FFF, height & 0x3FFF)
    }

    /// A signature byte, then 14 bits each, less one.
    private static func lossless(_ bytes: ImageBytes) -> (width: Int, height: Int)? {
        guard bytes.byte(20) == 0x2F, let bits = bytes.littleEndian(at: 21, length: 4) else { return nil }
        return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    }

    /// Four bytes of flags, then 24 bits each, less one.
    private static func extended(_ bytes: ImageBytes) -> (width: Int, height: Int)? {
        guard let width = bytes.littleEndian(at: 24, length: 3), let height = bytes.littleEndian(at: 27, length: 3)
        else { return nil }
        return (width + 1, height + 1)
    }
}
