/// The object id of a column's type, as the server describes its results.
package struct PostgresType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    private init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    // Object ids of built-in types are fixed for ever. Source: src/include/catalog/pg_type.dat
    static let bool = PostgresType(16)
    static let bytea = PostgresType(17)
    static let char = PostgresType(18)
    static let name = PostgresType(19)
    static let int8 = PostgresType(20)
    static let int2 = PostgresType(21)
    static let int4 = PostgresType(23)
    static let text = PostgresType(25)
    static let oid = PostgresType(26)
    static let xid = PostgresType(28)
    static let json = PostgresType(114)
    static let xml = PostgresType(142)
    static let float4 = PostgresType(700)
    static let float8 = PostgresType(701)
    static let unknown = PostgresType(705)
    static let bpchar = PostgresType(1042)
    static let varchar = PostgresType(1043)
    static let timestamp = PostgresType(1114)
    static let timestamptz = PostgresType(1184)
    static let interval = PostgresType(1186)
    static let numeric = PostgresType(1700)
    static let void = PostgresType(2278)
    static let uuid = PostgresType(2950)
    static let jsonb = PostgresType(3802)

    /// Whether the type was made by a user or an extension; enums are, and they travel as text.
    var isUserDefined: Bool { rawValue >= 16_384 }

    /// The name SQL uses, or `type 12345` for a type not listed here.
    package var sqlName: String {
        switch self {
        case .bool: "boolean"
        case .bytea: "bytea"
        case .char: "\"char\""
        case .name: "name"
        case .int8: "bigint"
        case .int2: "smallint"
        case .int4: "integer"
        case .text: "text"
        case .oid: "oid"
        case .xid: "xid"
        case .json: "json"
        case .xml: "xml"
        case .float4: "real"
        case .float8: "double precision"
        case .unknown: "unknown"
        case .bpchar: "character"
        case .varchar: "character varying"
        case .timestamp: "timestamp without time zone"
        case .timestamptz: "timestamptz"
        case .interval: "interval"
        case .numeric: "numeric"
        case .void: "void"
        case .uuid: "uuid"
        case .jsonb: "jsonb"
        default: "type \(rawValue)"
        }
    }
}
