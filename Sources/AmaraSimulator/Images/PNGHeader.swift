/// Reads PNG.
///
/// Source: PNG specification, third edition, sections 5.2, 5.3 and 11.2.1.
enum PNGHeader {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let header = Array("IHDR".utf8)
    private static let end = Array("IEND".utf8)

    static func read(_ bytes: ImageBytes) throws(RequestProblem) -> ImageHeader {
        guard bytes.bigEndian(at: 8, length: 4) == 13, bytes.matches(header, at: 12),
            let width = bytes.bigEndian(at: 16, length: 4), let height = bytes.bigEndian(at: 20, length: 4)
        else { throw .image("Image is corrupt: the PNG has no header.") }
        // A chunk is a length, a type, that many bytes and a checksum; the last one is IEND.
        var chunk = 8
        while let length = bytes.bigEndian(at: chunk, length: 4) {
            let next = chunk + 12 + length
            guard next <= bytes.count else { break }
            if bytes.matches(end, at: chunk + 4) { return ImageHeader(format: .png, width: width, height: height) }
            chunk = next
        }
        throw .image("Image is corrupt: the PNG is truncated.")
    }
}
