import FoundationEssentials
import Logging
import PostgresClient
import TestDatabase
import Testing

/// A value that PostgreSQL is asked to give back, with the type it is cast to on the way.
protocol Echoed: PostgresEncodable, PostgresDecodable, Equatable {
    static var sqlType: String { get }
}

extension Int: Echoed { static var sqlType: String { "bigint" } }
extension Int64: Echoed { static var sqlType: String { "bigint" } }
extension Int32: Echoed { static var sqlType: String { "integer" } }
extension Int16: Echoed { static var sqlType: String { "smallint" } }
extension Double: Echoed { static var sqlType: String { "double precision" } }
extension Bool: Echoed { static var sqlType: String { "boolean" } }
extension String: Echoed { static var sqlType: String { "text" } }
extension UUID: Echoed { static var sqlType: String { "uuid" } }
extension PostgresTimestamp: Echoed { static var sqlType: String { "timestamptz" } }
extension Duration: Echoed { static var sqlType: String { "interval" } }
extension UInt8: Echoed { static var sqlType: String { "\"char\"" } }
extension Optional: Echoed where Wrapped: Echoed { static var sqlType: String { Wrapped.sqlType } }
extension Array: Echoed where Element: Echoed {
    static var sqlType: String { Element.self == UInt8.self ? "bytea" : Element.sqlType + "[]" }
}

struct Echo<Value: Echoed>: Statement {
    var value: Value?
    static var sql: String { "SELECT $1::\(Value.sqlType)" }
    func bind(to parameters: inout PostgresParameters) { parameters.append(value) }
    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Value? { try row.next() }
}

@Suite struct CodingTests {
    @Test("every kind of value comes back as it was sent, alone, as NULL and in arrays with NULLs")
    func roundTrips() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await echo([0, 1, -1, Int.max, Int.min], client)
            try await echo([Int64.max, Int64.min], client)
            try await echo([Int32.max, Int32.min], client)
            try await echo([Int16.max, Int16.min], client)
            try await echo([true, false], client)
            try await echo([0.1, -0.0, 1e308, .leastNonzeroMagnitude, .infinity, -.infinity, .pi], client)
            try await echo(
                ["", "NULL", "null", "a\"b\\c", "{},", " ", "zwölf 🧵", "\u{1}\n\t\r", "\\x00", "'; DROP"],
                client
            )
            try await echo([UUID(), UUID()], client)
            try await echo(
                [
                    0, 1, -1, 951_782_400_000_000, -62_135_596_800_000_000, 253_402_300_799_999_999,
                    -93_000_000_000_000_000,
                ]
                .map(PostgresTimestamp.init(microseconds:)) + [.infinity, .negativeInfinity],
                client
            )
            try await echo(
                [.zero, .microseconds(1), .microseconds(-1), .seconds(86_400 * 365), .milliseconds(-1_500)]
                    as [Duration],
                client
            )
            try await echo([[], [0], [0, 255, 92, 34], Array(0...255)] as [[UInt8]], client)
        }
    }

    private func echo<Value: Echoed>(_ values: [Value], _ client: PostgresClient) async throws {
        for value in values {
            let rows = try await client.query(Echo(value: value))
            #expect(rows == [value])
        }
        let null = try await client.query(Echo<Value>(value: nil))
        #expect(null == [nil])
        let array = try await client.query(Echo(value: values))
        #expect(array == [values])
        let withNulls = [nil] + values.map(Optional.some) + [nil]
        let sparse = try await client.query(Echo(value: withNulls))
        #expect(sparse == [withNulls])
        let empty = try await client.query(Echo<[Value]>(value: []))
        #expect(empty == [[]])
    }

    @Test("not-a-number comes back as not-a-number")
    func notANumber() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let rows = try await client.query(Echo(value: Double.nan))
            #expect(rows.first??.isNaN == true)
        }
    }

    @Test("arrays of ten thousand elements travel whole")
    func longArrays() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let texts = (0..<10_000).map { "name \($0) \"quoted\"" }
            let rows = try await client.query(Echo(value: texts))
            #expect(rows == [texts])
        }
    }

    struct Texts: Statement {
        static let sql = """
            SELECT '{"a": 1}'::jsonb, '{"a":1}'::json, 'x'::varchar, 'y'::name, 'z'::"char", 'w'::char(3),
                '12345678901234567890.00012300'::numeric, '-0.5'::numeric, '10000'::numeric, '0'::numeric,
                'NaN'::numeric, 'Infinity'::numeric, '0.00005'::numeric, 'on'::switch
            """
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> [String] {
            var texts: [String] = []
            for _ in 0..<14 { texts.append(try row.next(String.self)) }
            return texts
        }
    }

    @Test("json, numeric, enums and every text type are read as text")
    func textTypes() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await client.withConnection { _ = try await $0.simpleQuery("CREATE TYPE switch AS ENUM ('on', 'off')") }
            let rows = try await client.query(Texts())
            #expect(
                rows == [
                    [
                        "{\"a\": 1}", "{\"a\":1}", "x", "y", "z", "w  ", "12345678901234567890.00012300", "-0.5",
                        "10000", "0", "NaN", "Infinity", "0.00005", "on",
                    ]
                ]
            )
        }
    }

    enum Switch: String, PostgresEncodable, PostgresDecodable { case on, off }

    struct Toggle: Statement {
        var value: Switch
        static let sql = "SELECT CASE $1::text WHEN 'on' THEN 'off' ELSE 'elsewhere' END"
        func bind(to parameters: inout PostgresParameters) { parameters.append(value) }
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Switch { try row.next() }
    }

    @Test("an enumeration travels as its raw value, and an unknown one is an error")
    func enumerations() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let rows = try await client.query(Toggle(value: .on))
            #expect(rows == [.off])
            let error = await #expect(throws: PostgresError.self) { try await client.query(Toggle(value: .off)) }
            #expect(error?.code == .decodingFailed)
        }
    }

    struct Mismatched: Statement {
        static let sql = "SELECT 1::bigint AS first, 'x' AS second"
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
            row.skip()
            return try row.next()
        }
    }

    struct Small: Statement {
        static let sql = "SELECT 70000::bigint AS wide"
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int16 { try row.next() }
    }

    struct Null: Statement {
        static let sql = "SELECT NULL::bigint AS nothing"
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int { try row.next() }
    }

    struct Missing: Statement {
        static let sql = "SELECT"
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int { try row.next() }
    }

    @Test("a column that does not fit is named with its statement, and the connection stays usable")
    func namesColumns() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            func failure(_ statement: some Statement) async -> String? {
                let error = await #expect(throws: PostgresError.self) { _ = try await client.query(statement) }
                #expect(error?.code == .decodingFailed)
                return error?.description
            }
            let mismatched = await failure(Mismatched())
            #expect(
                mismatched
                    == "Mismatched: column 2 \"second\" is text, not an integer type; cast the column in the SQL"
            )
            let small = await failure(Small())
            #expect(small == "Small: column 1 \"wide\" holds a value out of range")
            let null = await failure(Null())
            #expect(null?.hasPrefix("Null: column 1 \"nothing\" is NULL") == true)
            let missing = await failure(Missing())
            #expect(missing == "Missing: the row has 0 columns, but a further one was read")
            let rows = try await client.query(Echo(value: 1))
            #expect(rows == [1])
        }
    }

    @Test("text with a NUL is refused before anything is sent, without showing it")
    func refusesNUL() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let error = await #expect(throws: PostgresError.self) {
                _ = try await client.query(Echo(value: "secret\0"))
            }
            #expect(error?.code == .invalidParameter)
            #expect(error?.description.contains("$1") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test(
        "a timestamp is written in ISO 8601",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_123_456, "2000-02-29T00:00:00.123456Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (-62_135_596_800_000_001, "0001-12-31T23:59:59.999999Z BC"), (.max, "infinity"), (.min, "-infinity"),
        ] as [(Int64, String)]
    )
    func timestamps(_ microseconds: Int64, _ text: String) {
        #expect(PostgresTimestamp(microseconds: microseconds).description == text)
    }
}
