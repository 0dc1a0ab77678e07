/// One value of a row in PostgreSQL's binary format; valid only while its row is being decoded.
package struct PostgresCell {
    /// The type of the column, or of the array's elements.
    package let type: PostgresType

    /// The value's bytes; nil for NULL.
    package let bytes: UnsafeRawBufferPointer?

    init(type: PostgresType, bytes: UnsafeRawBufferPointer?) {
        self.type = type
        self.bytes = bytes
    }

    /// The bytes of a value that must be there.
    func valueBytes() throws(PostgresDecodingFailure) -> UnsafeRawBufferPointer {
        guard let bytes else { throw .unexpectedNull }
        return bytes
    }

    /// Reads the whole value as one big-endian integer.
    func integer<I: FixedWidthInteger>(_: I.Type) throws(PostgresDecodingFailure) -> I {
        let bytes = try valueBytes()
        guard bytes.count == MemoryLayout<I>.size else { throw .malformed }
        return I(bigEndian: bytes.loadUnaligned(as: I.self))
    }

    /// The error for a value whose type the wanted Swift type cannot come from.
    func mismatch(_ wanted: String) -> PostgresDecodingFailure {
        .wrongType(type, wanted: wanted)
    }
}

/// Why a value could not be decoded, before its statement and column are known.
package enum PostgresDecodingFailure: Error, Sendable {
    /// NULL where the row wants a value.
    case unexpectedNull
    /// The column's type is not one the Swift type reads; `wanted` names those it does.
    case wrongType(PostgresType, wanted: String)
    /// The value does not fit into the Swift type.
    case outOfRange
    /// An array of two or more dimensions.
    case nestedArray
    /// Text that is no member of the enumeration.
    case unknownCase
    /// Bytes that are not what the type's binary format says.
    case malformed

    /// The cause, without the value.
    var reason: String {
        switch self {
        case .unexpectedNull: "is NULL"
        case .wrongType(let type, let wanted): "is \(type.sqlName), not \(wanted)"
        case .outOfRange: "holds a value out of range"
        case .nestedArray: "holds an array of two or more dimensions"
        case .unknownCase: "holds a value this version does not know"
        case .malformed: "holds bytes that are not of its type"
        }
    }

    /// What to change, if it can be said.
    var cure: String? {
        switch self {
        case .unexpectedNull: "decode an optional, or exclude NULL in the SQL"
        case .wrongType: "cast the column in the SQL"
        default: nil
        }
    }
}
