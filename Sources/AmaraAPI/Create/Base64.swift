import NIOCore

/// Base64 written straight into a buffer, without a string in between.
///
/// Source: RFC 4648, section 4.
enum Base64 {
    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Length of `count` bytes in base64, padded.
    static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Appends `bytes` to `buffer`; padded unless their number is a multiple of 3.
    static func write(_ bytes: ArraySlice<UInt8>, into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length(of: bytes.count)) { target in
            bytes.withUnsafeBufferPointer { source in
                alphabet.withUnsafeBufferPointer { alphabet in
                    encode(source, into: target, with: alphabet)
                }
            }
            return length(of: bytes.count)
        }
    }

    private static func encode(
        _ source: UnsafeBufferPointer<UInt8>,
        into target: UnsafeMutableRawBufferPointer,
        with alphabet: UnsafeBufferPointer<UInt8>
    ) {
        let padding = UInt8(ascii: "=")
        var out = 0
        for start in stride(from: 0, to: source.count, by: 3) {
            let left = source.count - start
            let first = source[start]
            let second = left > 1 ? source[start + 1] : 0
            let third = left > 2 ? source[start + 2] : 0
            target[out] = alphabet[Int(first >> 2)]
            target[out + 1] = alphabet[Int((first & 0x03) << 4 | second >> 4)]
            target[out + 2] = left > 1 ? alphabet[Int((second & 0x0F) << 2 | third >> 6)] : padding
            target[out + 3] = left > 2 ? alphabet[Int(third & 0x3F)] : padding
            out += 4
        }
    }
}
