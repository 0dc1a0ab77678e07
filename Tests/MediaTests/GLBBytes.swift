/// GLB files written by hand.
enum GLBBytes {
    static let json = Array(#"{"asset":{"version":"2.0"}}"#.utf8)

    /// A whole file of the given chunks, with its header's words to be falsified.
    static func file(
        magic: String = "glTF",
        version: UInt32 = 2,
        length: UInt32? = nil,
        chunks: [[UInt8]] = [chunk("JSON", json)]
    ) -> [UInt8] {
        let body = chunks.flatMap { $0 }
        return Array(magic.utf8) + word(version) + word(length ?? UInt32(12 + body.count)) + body
    }

    /// A chunk, padded as the specification asks: JSON with spaces, others with zeros.
    static func chunk(_ type: String, _ content: [UInt8], length: UInt32? = nil) -> [UInt8] {
        let padding = Array(repeating: UInt8(type == "JSON" ? 0x20 : 0), count: (4 - content.count % 4) % 4)
        let padded = content + padding
        return word(length ?? UInt32(padded.count)) + Array((type + "\0\0\0\0").utf8.prefix(4)) + padded
    }

    static func word(_ value: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
