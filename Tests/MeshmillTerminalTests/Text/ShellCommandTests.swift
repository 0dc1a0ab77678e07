import MeshmillTerminal
import Testing

@Suite("Commands to copy")
struct ShellCommandTests {
    @Test(
        "words are quoted only where they need it",
        arguments: [
            ("photos/a_b-c.png", "photos/a_b-c.png"), ("", "''"), ("my photos", "'my photos'"), ("it's", "'it'\\''s'"),
            ("$(rm -rf)", "'$(rm -rf)'"), ("台灯", "'台灯'"), ("a\nb", "$'a\\x0ab'"), ("\u{1B}'\\", "$'\\x1b\\'\\\\'"),
            ("\u{202E}x", "$'\\xe2\\x80\\xaex'"),
        ]
    )
    func quoting(word: String, text: String) {
        #expect(ShellCommand.text([word]) == text)
    }

    @Test("words are parted by blanks")
    func words() {
        #expect(ShellCommand.text(["meshmill", "run", "a b"]) == "meshmill run 'a b'")
    }
}
