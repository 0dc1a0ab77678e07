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
}
