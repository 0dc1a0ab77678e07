import MeshmillCore
import Testing

@Suite("A key file")
struct KeyFileTests {
    @Test(
        "a secret in the wrong place is not shown",
        arguments: [
            "secret,sk_amara_0123456789\nsk_a,b", "secret,monthly_limit\n100,sk_amara_0123456789",
            "secret,name\nred,sk_amara_0123456789", "secret,rate_window\nsk_a,0123456789abcdef0123456789abcdef",
        ]
    )
    func misplacedSecret(text: String) throws {
        let error = #expect(throws: KeyFileError.self) { try KeyFile.parse(text) }
        #expect(error?.description.contains("0123456789") == false)
    }

    @Test("without a header is one secret a line")
    func withoutHeader() throws {
        let rows = try KeyFile.parse("\u{FEFF}sk_a\r\n\n  sk_b  \n")
        #expect(rows.map(\.secret.exposed) == ["sk_a", "sk_b"])
        #expect(rows.map(\.line) == [1, 3])
        #expect(rows.allSatisfy { $0.name == nil && !$0.usedRecently })
    }

    @Test("with a field named secret in line 1 is CSV, its columns in any order")
    func withHeader() throws {
        let rows = try KeyFile.parse(
            """
            name,rate_window,secret,used_recently,monthly_limit,org,rate_limit,reserve_slots,pool
            "studio, one",6s,sk_a,1,100,studio,7,2,fast
            two,,sk_b,,,,,,
            three,900,sk_c,false,0,,,,
            """
        )
        #expect(
            rows[0]
                == KeyFileRow(
                    line: 2,
                    secret: Secret("sk_a"),
                    name: "studio, one",
                    org: "studio",
                    pool: "fast",
                    monthlyLimit: 100,
                    rateLimit: 7,
                    rateWindow: .seconds(6),
                    reserveSlots: 2,
                    usedRecently: true
                )
        )
        #expect(rows[1] == KeyFileRow(line: 3, secret: Secret("sk_b"), name: "two"))
        #expect(rows[2].rateWindow == .seconds(900))
        #expect(rows[2].monthlyLimit == 0)
    }

    @Test("reads quotes, doubled quotes and line ends in quotes as RFC 4180 says")
    func readsQuotes() throws {
        let rows = try KeyFile.parse("secret,name\r\n\"sk_a\",\"a \"\"b\"\"\"\r\nsk_b,b\r\n")
        #expect(rows.map(\.name) == ["a \"b\"", "b"])
    }

    @Test(
        "is refused with the line and the reason",
        arguments: [
            ("", "the file has no key"),
            ("secret\n", "the file has a header and no key"),
            (
                "secret,nmae\nsk_a,x",
                "line 1: unknown column \"nmae\"; known are secret, name, org, pool, monthly_limit, "
            ),
            ("secret,name,name\nsk_a,x,y", "line 1: column name is there twice"),
            ("sk_a,name", "line 1: more than a secret, but line 1 is no header with a field secret"),
            ("secret,name\nsk_a", "line 2: 1 fields, but the header has 2"),
            ("secret,name\n,x", "line 2: no secret"),
            ("secret\nsk a", "line 2: secret has a character that no key has, or is too long"),
            ("sk_a\nsk_ä", "line 2: no secret: it has a character that no key has, or is too long"),
            ("secret,rate_limit\nsk_a,0", "line 2: rate_limit \"0\" is not a whole number from 1 to 1000"),
            (
                "secret,rate_window\nsk_a,soon",
                "line 2: rate_window \"soon\" is not a length of time such as 15m, 6s or 900"
            ),
            (
                "secret,rate_window\nsk_a,0s",
                "line 2: rate_window \"0s\" is not a length of time such as 15m, 6s or 900"
            ),
            ("secret,used_recently\nsk_a,yes", "line 2: used_recently \"yes\" is none of true, false, 1, 0"),
            ("secret,monthly_limit\nsk_a,-1", "line 2: monthly_limit \"-1\" is not a whole number"),
            ("secret,reserve_slots\nsk_a,5", "line 2: reserve_slots 5 leaves none of 5 slots"),
            ("secret\nsk_a\nsk_a", "line 3: the same secret as line 2"),
            ("secret,name\nsk_a,x\nsk_b,x", "line 3: the same name as line 2, \"x\""),
            ("secret,name\nsk_a,\"x", "line 2: a quote that is never closed"),
            ("secret,name\nsk_a,\"x\"y", "line 2: text after a closing quote"),
        ]
    )
    func isRefused(text: String, reason: String) {
        let error = #expect(throws: KeyFileError.self) { try KeyFile.parse(text) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "accepted")")
    }

    @Test("is refused without a word of its secrets")
    func hidesSecrets() {
        for text in ["sk_hidden,x", "sk_hidden two", "secret,rate_limit\nsk_hidden,no", "secret\nsk_hidden\nsk_hidden"]
        {
            let error = #expect(throws: KeyFileError.self) { try KeyFile.parse(text) }
            #expect(error?.description.contains("hidden") == false)
        }
    }

    @Test("quotes hostile fields without their control characters")
    func quotesSafely() {
        let error = #expect(throws: KeyFileError.self) {
            try KeyFile.parse("secret,name\nsk_a,\"evil\u{1B}[2J\nname\u{202E}\"")
        }
        #expect(error?.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.isASCII } == true)
    }

    @Test("tells of many problems in one line, and counts the rest")
    func countsProblems() {
        let text = "secret,rate_limit\n" + (1...100).map { "sk_\($0),x" }.joined(separator: "\n")
        let error = #expect(throws: KeyFileError.self) { try KeyFile.parse(text) }
        #expect(error?.count == 100)
        #expect(error?.problems.count == KeyFileError.maximumListed)
        #expect(error?.description.hasSuffix("; and 97 more") == true)
    }

    @Test("of 10,000 keys is read")
    func isLarge() throws {
        let text = "secret,name\n" + (1...10_000).map { "sk_\($0),key \($0)" }.joined(separator: "\n")
        #expect(try KeyFile.parse(text).count == 10_000)
    }
}
