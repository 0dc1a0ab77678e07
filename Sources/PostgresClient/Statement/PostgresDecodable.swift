/// A value that can be read from a column in PostgreSQL's binary format.
package protocol PostgresDecodable: Sendable {
    /// Reads one value.
    init(from cell: PostgresCell) throws(PostgresDecodingFailure)

    /// Reads a whole array of this type; a hook, since `[UInt8]` reads a `bytea`.
    static func decodeArray(from cell: PostgresCell) throws(PostgresDecodingFailure) -> [Self]
}

extension PostgresDecodable {
    /// Reads PostgreSQL's array format: dimensions, a flag, the element type, bounds, then length and bytes each.
    ///
    /// Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c, `array_send`.
    package static func decodeArray(from cell: PostgresCell) throws(PostgresDecodingFailure) -> [Self] {
        var reader = BinaryReader(try cell.valueBytes())
        let dimensions = try reader.integer(Int32.self)
        _ = try reader.integer(Int32.self)
        let elementType = PostgresType(rawValue: try reader.integer(UInt32.self))
        guard dimensions != 0 else { return [] }
        guard dimensions == 1 else { throw .nestedArray }
        let count = Int(try reader.integer(Int32.self))
        _ = try reader.integer(Int32.self)
        // Each element takes four bytes at least: a count that lies cannot make us reserve more than was sent.
        guard count >= 0, count <= reader.remaining / 4 else { throw .malformed }
        var elements: [Self] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let length = try reader.integer(Int32.self)
            let bytes = length < 0 ? nil : try reader.bytes(Int(length))
            elements.append(try Self(from: PostgresCell(type: elementType, bytes: bytes)))
        }
        return elements
    }
}

/// An enumeration with a raw value is read as that value.
extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        guard let value = Self(rawValue: try RawValue(from: cell)) else { throw .unknownCase }
        self = value
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        self = try Element.decodeArray(from: cell)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        self = cell.bytes == nil ? nil : try Wrapped(from: cell)
    }
}

/// Reads big-endian values off the front of a buffer.
private struct BinaryReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    var remaining: Int { rest.count }

    mutating func integer<I: FixedWidthInteger>(_: I.Type) throws(PostgresDecodingFailure) -> I {
        I(bigEndian: try bytes(MemoryLayout<I>.size).loadUnaligned(as: I.self))
    }

    mutating func bytes(_ count: Int) throws(PostgresDecodingFailure) -> UnsafeRawBufferPointer {
        guard count <= rest.count else { throw .malformed }
        let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }
}
