import Foundation

/// A file's bytes, read with bounds checked: beyond the end there is `nil`.
struct ImageBytes {
    private let bytes: [UInt8]

    init(_ data: Data) {
        bytes = [UInt8](data)
    }

    var count: Int { bytes.count }

    func byte(_ index: Int) -> Int? {
        bytes.indices.contains(index) ? Int(bytes[index]) : nil
    }

    func matches(_ expected: [UInt8], at index: Int) -> Bool {
        index >= 0 && index <= bytes.count - expected.count
            && bytes[index..<index + expected.count].elementsEqual(expected)
    }

    /// An unsigned number of `length` bytes, most significant first; at most four.
    func bigEndian(at index: Int, length: Int) -> Int? {
        guard index >= 0, index <= bytes.count - length else { return nil }
        return bytes[index..<index + length].reduce(0) { $0 << 8 | Int($1) }
    }

    /// An unsigned number of `length` bytes, least significant first; at most four.
    func littleEndian(at index: Int, length: Int) -> Int? {
        guard index >= 0, index <= bytes.count - length else { return nil }
        return bytes[index..<index + length].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
