import MeshmillTerminal
import Testing

@Suite("Columns of a text")
struct WidthTests {
    @Test(
        "wide characters and emoji take two columns, marks none",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("ñandú", 5), ("台灯", 4), ("ﾗﾝﾌﾟ", 4), ("ランプ", 6),
            ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("कि", 2), ("🪑", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("❤", 1),
            ("❤\u{FE0F}", 2), ("א", 1), ("…▏█⠋→", 5),
        ]
    )
    func width(text: String, columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }

    @Test("a name cut in the middle fits and keeps its end", arguments: 0...40)
    func middle(columns: Int) {
        for name in ["photos/summer/chair-red.png", "台灯/ランプ/とても長い名前.jpg", "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧.png"] {
            let cut = FittedText.middle(name, columns: columns)
            #expect(DisplayWidth.of(cut) <= columns)
            if columns >= 12 { #expect(cut.hasSuffix(String(name.suffix(4)))) }
            if DisplayWidth.of(name) <= columns { #expect(cut == name) }
        }
    }

    @Test("a letter under a tower of marks is replaced")
    func tower() {
        let tower = "a" + String(repeating: "\u{301}", count: 500)
        #expect(FittedText.middle(tower + "b", columns: 10) == "\u{FFFD}b")
    }

    @Test("a part that just fits before more shows that more is missing")
    func inks() {
        let line = InkedText("abc", .good) + InkedText("def", .bad)
        #expect(line.fitted(columns: 6).text == "abcdef")
        #expect(line.fitted(columns: 5).text == "abcd…")
        #expect(line.fitted(columns: 3).text == "ab…")
        #expect(line.fitted(columns: 1).text == "…")
        #expect(line.fitted(columns: 0).text.isEmpty)
    }

    @Test("inks are escapes only where there is colour")
    func colour() {
        let line = InkedText("12", .good) + InkedText(" done")
        #expect(line.rendered(inColour: true) == "\u{1B}[32m12\u{1B}[0m done")
        #expect(line.rendered(inColour: false) == "12 done")
    }
}
