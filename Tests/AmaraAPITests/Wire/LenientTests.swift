import Testing

@testable import AmaraAPI

@Suite struct LenientTests {
    @Test(
        "a counter is read from any number, and is nil where none could be meant",
        arguments: [
            ("7", 7), ("-7", -7), ("7.9", 7), ("7e2", 700), (#""7""#, 7), (#"" 7""#, nil), (#""seven""#, nil),
            ("1e300", nil), ("9223372036854775807", nil), ("99999999999999999999", nil), ("NaN", nil),
            ("Infinity", nil), ("true", nil), ("null", nil), ("[7]", nil), (#"{"n":7}"#, nil),
        ] as [(String, Int?)]
    )
    func readsCounters(text: String, counter: Int?) throws {
        let body = try #require(CreateAnswerBody(Array(#"{"credits_used":\#(text)}"#.utf8)))
        #expect(body.creditsUsed?.value == counter)
    }

    @Test(
        "a truth is read from a boolean or its name",
        arguments: [
            ("true", true), (#""False""#, false), ("1", nil), (#""yes""#, nil), ("null", nil), ("[]", nil),
        ] as [(String, Bool?)]
    )
    func readsTruths(text: String, truth: Bool?) throws {
        let body = try #require(ErrorBody(Array(#"{"credits_refunded":\#(text)}"#.utf8)))
        #expect(body.creditsRefunded?.value == truth)
    }

    @Test("fields of wrong types lose themselves and no other")
    func losesOnlyOddFields() throws {
        let text = #"{"error":{"message":"x"},"code":["A"],"rate_limit":7,"limits":null,"credits_remaining":3}"#
        let body = try #require(ErrorBody(Array(text.utf8)))
        #expect(body.errorCode == nil)
        #expect(body.message == nil)
        #expect(body.rateLimit?.value == nil)
        #expect(body.creditsRemaining?.value == 3)
    }

    @Test("deep nesting is no JSON, and no crash")
    func refusesDepth() {
        #expect(ErrorBody(Array(#"{"error":"#.utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 500_000)) == nil)
    }

    @Test("a generation id is 1 to 200 harmless characters")
    func checksIDs() {
        for id in ["550e8400-e29b-41d4-a716-446655440000", "a", "A.b_c:d-9", String(repeating: "x", count: 200)] {
            #expect(GenerationID.checked(id) == id)
        }
        for id in ["", " ", "a b", "a/b", "ü", "a\n", "%41", String(repeating: "x", count: 201)] {
            #expect(GenerationID.checked(id) == nil)
        }
        #expect(GenerationID.checked(nil) == nil)
    }
}
