import MeshmillTerminal
import Testing

@Suite("What a terminal can show")
struct TerminalStyleTests {
    @Test("NO_COLOR takes the colour, unless it is empty")
    func colour() {
        #expect(TerminalStyle(variables: [:]).hasColour)
        #expect(TerminalStyle(variables: ["NO_COLOR": ""]).hasColour)
        #expect(!TerminalStyle(variables: ["NO_COLOR": "1"]).hasColour)
    }

    @Test("the first locale that is not empty decides on symbols")
    func symbols() {
        #expect(TerminalStyle(variables: [:]).hasSymbols)
        #expect(TerminalStyle(variables: ["LANG": "de_DE.UTF-8"]).hasSymbols)
        #expect(!TerminalStyle(variables: ["LANG": "C"]).hasSymbols)
        #expect(!TerminalStyle(variables: ["LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "de_DE.UTF-8"]).hasSymbols)
        #expect(TerminalStyle(variables: ["LC_ALL": "C.UTF-8", "LANG": "C"]).hasSymbols)
    }

    @Test("a dumb terminal is not redrawn", arguments: ["", "dumb"])
    func dumb(term: String) {
        #expect(!StandardError(variables: ["TERM": term]).canRedraw)
    }
}
