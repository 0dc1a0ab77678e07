extension Int: PostgresDecodable {}
extension Int64: PostgresDecodable {}
extension Int32: PostgresDecodable {}
extension Int16: PostgresDecodable {}

/// Reads every integer type of PostgreSQL whose value fits.
extension PostgresDecodable where Self: FixedWidthInteger {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        let value: Self? =
            switch cell.type {
            case .int8: Self(exactly: try cell.integer(Int64.self))
            case .int4: Self(exactly: try cell.integer(Int32.self))
            case .int2: Self(exactly: try cell.integer(Int16.self))
            case .oid, .xid: Self(exactly: try cell.integer(UInt32.self))
            default: throw cell.mismatch("an integer type")
            }
        guard let value else { throw .outOfRange }
        self = value
    }
}

extension Double: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        switch cell.type {
        case .float8: self = Double(bitPattern: try cell.integer(UInt64.self))
        case .float4: self = Double(Float(bitPattern: try cell.integer(UInt32.self)))
        default: throw cell.mismatch("double precision or real")
        }
    }
}

extension Bool: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        guard cell.type == .bool else { throw cell.mismatch("boolean") }
        self = try cell.integer(UInt8.self) != 0
    }
}

/// A byte is read only as part of `[UInt8]`, which reads a `bytea`.
extension UInt8: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        throw cell.mismatch("bytea")
    }

    package static func decodeArray(from cell: PostgresCell) throws(PostgresDecodingFailure) -> [UInt8] {
        guard cell.type == .bytea else { throw cell.mismatch("bytea") }
        return [UInt8](try cell.valueBytes())
    }
}
