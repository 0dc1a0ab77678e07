import Testing

@testable import AmaraAPI

@Suite struct CleanedTextTests {
    @Test(
        "LESSON 11, THREAT 9: controls, bidi marks and hidden characters go, and runs of space become one",
        arguments: [
            ("plain", "plain"), ("", ""), ("  a \n\t b  ", "a b"), ("a\u{0}b", "ab"), ("\u{1B}[31mred", "[31mred"),
            ("a\u{9B}31mb", "a 31mb"), ("evil\u{202E}txt.exe", "eviltxt.exe"), ("a\u{2066}b\u{2069}", "ab"),
            ("a\u{200B}b\u{FEFF}", "ab"), ("a\u{2028}b", "a b"), ("Schön 🪑", "Schön 🪑"), ("\u{E0041}x", "x"),
        ]
    )
    func cleans(text: String, cleaned: String) {
        #expect(CleanedText.clean(text) == cleaned)
    }

    @Test("what passes the cap is cut, with an ellipsis", arguments: [1, 2, 5, 499, 500])
    func cuts(limit: Int) {
        let text = String(repeating: "ab ", count: 1_000)
        let cleaned = CleanedText.clean(text, limit: limit)
        #expect(cleaned.unicodeScalars.count <= limit + 1)
        #expect(cleaned.hasSuffix("…"))
        #expect(CleanedText.clean(String(repeating: "a", count: limit), limit: limit).count == limit)
    }
}
