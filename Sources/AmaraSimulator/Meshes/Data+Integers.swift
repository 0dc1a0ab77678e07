import Foundation

extension Data {
    /// Appends a number, least significant byte first, as glTF does.
    mutating func append(littleEndian number: UInt32) {
        append(contentsOf: [
            UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8),
            UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 24),
        ])
    }

    /// Appends a number, most significant byte first, as PNG does.
    mutating func append(bigEndian number: UInt32) {
        append(littleEndian: number.byteSwapped)
    }
}
