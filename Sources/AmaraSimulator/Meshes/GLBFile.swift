import Foundation

/// A GLB container with one JSON and one binary chunk.
struct GLBFile {
    /// "glTF", "JSON" and "BIN" as little-endian numbers.
    private static let magic: UInt32 = 0x4654_6C67
    private static let jsonType: UInt32 = 0x4E4F_534A
    private static let binaryType: UInt32 = 0x004E_4942
    /// Where the first chunk's type stands.
    static let firstTypeOffset = 16

    let json: JSONValue
    let binary: Data

    /// The file: header and chunks, each padded to four bytes, JSON with spaces and binary with zeros.
    var data: Data {
        var text = Data(json.text.utf8)
        text.append(contentsOf: [UInt8](repeating: 0x20, count: (4 - text.count % 4) % 4))
        var numbers = binary
        numbers.append(contentsOf: [UInt8](repeating: 0, count: (4 - numbers.count % 4) % 4))
        let length = 12 + 8 + text.count + 8 + numbers.count
        var file = Data(capacity: length)
        file.append(littleEndian: Self.magic)
        file.append(littleEndian: 2)
        file.append(littleEndian: UInt32(length))
        file.append(littleEndian: UInt32(text.count))
        file.append(littleEndian: Self.jsonType)
        file.append(text)
        file.append(littleEndian: UInt32(numbers.count))
        file.append(littleEndian: Self.binaryType)
        file.append(numbers)
        return file
    }
}
