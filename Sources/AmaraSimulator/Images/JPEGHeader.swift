/// Reads JPEG.
///
/// Source: ITU-T T.81, annex B.
enum JPEGHeader {
    static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]
    private static let endOfImage: [UInt8] = [0xFF, 0xD9]
    /// How far from the end the end marker may stand: some cameras append a preview or padding.
    private static let tailBytes = 65_536

    static func read(_ bytes: ImageBytes) throws(RequestProblem) -> ImageHeader {
        var frame: ImageHeader?
        var position = 2
        while let prefix = bytes.byte(position), prefix == 0xFF, let marker = bytes.byte(position + 1) {
            if marker == 0xFF {
                position += 1  // fill byte
                continue
            }
            if marker == 0x01 || (0xD0...0xD7).contains(marker) {
                position += 2  // markers without a segment
                continue
            }
            guard let length = bytes.bigEndian(at: position + 2, length: 2), length >= 2 else { break }
            if isFrame(marker), let height = bytes.bigEndian(at: position + 5, length: 2),
                let width = bytes.bigEndian(at: position + 7, length: 2)
            {
                frame = ImageHeader(format: .jpeg, width: width, height: height)
            }
            if marker == 0xDA, let frame {
                guard hasEnd(bytes, after: position + length) else { break }
                return frame
            }
            position += 2 + length
        }
        throw .image("Image is corrupt: the JPEG is truncated or damaged.")
    }

    /// Start of frame, in any coding; DHT, JPG and DAC share the range.
    private static func isFrame(_ marker: Int) -> Bool {
        (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
    }

    private static func hasEnd(_ bytes: ImageBytes, after scan: Int) -> Bool {
        var position = bytes.count - 2
        let first = max(scan, bytes.count - tailBytes)
        while position >= first {
            if bytes.matches(endOfImage, at: position) { return true }
            position -= 1
        }
        return false
    }
}
