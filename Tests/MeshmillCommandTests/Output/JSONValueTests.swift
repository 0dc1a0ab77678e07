import PostgresClient
import Testing

@testable import meshmill

@Suite("JSON")
struct JSONValueTests {
    @Test("keeps the order of fields, and escapes what does not belong into a line")
    func isWritten() {
        let value = JSONValue.object([
            ("b", .array([.int(1), .double(2.5), .double(3), .null, .bool(true)])),
            ("a", .string("\"\\\n\u{1B}\u{2028}ü")), ("n", .double(.nan)),
        ])
        #expect(value.text == #"{"b":[1,2.5,3,null,true],"a":"\"\\\n\u001b\u2028ü","n":null}"#)
        #expect(JSON.object(value.text)["a"] as? String == "\"\\\n\u{1B}\u{2028}ü")
    }

    @Test("writes instants by RFC 3339 and lengths of time in seconds")
    func times() {
        #expect(JSONValue.time(PostgresTimestamp(microseconds: 1)).text == "\"1970-01-01T00:00:00.000001Z\"")
        #expect(JSONValue.time(.infinity).text == "null" && JSONValue.time(nil).text == "null")
        #expect(JSONValue.seconds(.milliseconds(1_500)).text == "1.5" && JSONValue.seconds(.seconds(900)).text == "900")
    }

    @Test("is matched by words for people: how far away, in the largest units")
    func words() {
        let now = PostgresTimestamp(microseconds: 0)
        #expect(now.advanced(by: .seconds(899)).ahead(of: now) == "in 14m59s")
        #expect(now.ahead(of: now) == "now" && PostgresTimestamp.infinity.ahead(of: now) == "never")
        #expect(now.ago(now.advanced(by: .milliseconds(250))) == "0.3s ago")
        #expect(Duration.seconds(90_061).rounded == "1d1h" && Duration.seconds(59.9).rounded == "1m")
    }
}
