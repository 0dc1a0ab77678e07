import Testing

@testable import MeshmillTerminal

@Suite("A block that is drawn over")
struct LiveBlockTests {
    private let lines = [InkedText(String(repeating: "a", count: 70)), InkedText("short")]

    @Test("a frame begins where the last one began")
    func redraw() {
        var block = LiveBlock()
        let size = TerminalSize(columns: 80, rows: 24)
        #expect(!block.draw(lines, size: size, inColour: false).contains("A"))
        #expect(block.draw(lines, size: size, inColour: false).contains("\r\u{1B}[2A"))
        #expect(block.clear(size: size).contains("\r\u{1B}[2A"))
        #expect(block.clear(size: size).isEmpty)
    }

    @Test("on a terminal made narrower, broken lines count with all their rows")
    func narrower() {
        var block = LiveBlock()
        _ = block.draw(lines, size: TerminalSize(columns: 80, rows: 24), inColour: false)
        let frame = block.draw(lines, size: TerminalSize(columns: 30, rows: 24), inColour: false)
        #expect(frame.contains("\r\u{1B}[4A"))
        #expect(frame.contains(String(repeating: "a", count: 29) + "…"))
    }

    @Test("a line as wide as the terminal keeps its last column")
    func fullWidth() {
        var block = LiveBlock()
        var screen = Screen(columns: 10, rows: 4)
        for _ in 0..<3 {
            let size = screen.size
            screen.write(block.draw([InkedText("0123456789"), InkedText("ab台灯台灯")], size: size, inColour: true))
        }
        #expect(screen.text == ["0123456789", "ab台灯台灯"])
        #expect(screen.isAtRest)
    }
}
