/// What the chunks of a PNG tell, without decoding any.
struct PNGOutline {
    /// Whether the end chunk is there; what stands behind it belongs to no picture.
    private(set) var isEnded = false

    /// Walks the chunks of a file that begins like a PNG, up to its end chunk.
    ///
    /// Source: the PNG specification, section 5.3: length, type, data, checksum.
    init(of file: UnsafeRawBufferPointer) {
        var position = 8
        while position + 12 <= file.count {
            if file[(position + 4)..<(position + 8)].elementsEqual("IEND".utf8) {
                isEnded = true
                return
            }
            let length = file[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
            position += 12 + length
        }
    }
}
