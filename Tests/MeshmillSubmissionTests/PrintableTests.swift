import Testing

@testable import MeshmillSubmission

@Suite("Printable names")
struct PrintableTests {
    @Test(
        "what could move a cursor, hide or turn text is escaped, and nothing else",
        arguments: [
            ("a b.png", "a b.png"), ("ünï 👩‍👩‍👧 漢字.png", "ünï 👩‍👩‍👧 漢字.png"), ("two\nlines\t\r", "two\\nlines\\t\\r"),
            ("\u{1B}[31m", "\\u{1b}[31m"), ("\u{9B}x", "\\u{9b}x"), ("\u{202E}gnp", "\\u{202e}gnp"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("a\\b", "a\\\\b"), ("\u{FEFF}x", "\\u{feff}x"),
            ("\u{2028}", "\\u{2028}"), ("\0", "\\u{0}"),
        ]
    )
    func escapes(name: String, shown: String) {
        #expect(Printable.name(name) == shown)
    }

    @Test("a very long name is cut")
    func cuts() {
        let shown = Printable.name(String(repeating: "x", count: 5_000))
        #expect(shown.utf8.count < 1_100 && shown.hasSuffix("…"))
    }
}
