import TestImages

/// JPEG files with segments that no encoder would write.
enum JPEGBytes {
    /// A picture as a JPEG with a segment of at most 65,533 bytes right after its start.
    static func inserting(_ marker: UInt8, _ content: [UInt8], into picture: TestPicture) -> [UInt8] {
        let file = picture.encoded(".jpg[Q=95]")
        let length = UInt16(content.count + 2)
        return Array(file.prefix(2)) + [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + content
            + file.dropFirst(2)
    }

    /// A progressive JPEG of 8,192 × 8,192 grey pixels whose one scan, of a few bytes, is repeated.
    ///
    /// Each repetition costs the decoder a pass over a million blocks.
    static func manyScans(_ count: Int) -> [UInt8] {
        let side: [UInt8] = [0x20, 0x00]
        let frame: [UInt8] = [0xFF, 0xC2, 0, 11, 8] + side + side + [1, 1, 0x11, 0]
        let quantisation: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + Array(repeating: 1, count: 64)
        // One code of one bit: no difference.
        let huffman: [UInt8] = [0xFF, 0xC4, 0, 20, 0, 1] + Array(repeating: 0, count: 15) + [0]
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0x00] + Array(repeating: 0, count: 16)
        return [0xFF, 0xD8] + quantisation + frame + huffman + Array(repeating: scan, count: count).flatMap { $0 }
            + [0xFF, 0xD9]
    }
}
