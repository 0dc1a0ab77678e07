/// Lines on a terminal that are drawn over again and again.
///
/// Every value it returns is one whole frame, to be written at once; after each the cursor is shown, below the block,
/// and lines wrap as usual. So whatever ends or stops the process between two frames leaves the terminal as it was.
struct LiveBlock: Sendable {
    // Sources: ECMA-48; for the private modes the xterm manual "Control Sequences" (7, 25) and, for synchronized output
    // (2026), the specification by C. Parpart; terminals that do not know it ignore it.
    private static let begin = "\u{1B}[?2026h\u{1B}[?25l\u{1B}[?7l"
    private static let end = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?2026l"
    private static let clearLine = "\u{1B}[2K"
    private static let clearBelow = "\u{1B}[J"

    /// Widths of the lines that stand on the terminal.
    private var widths: [Int] = []

    /// Whether anything stands on the terminal.
    var isShown: Bool { !widths.isEmpty }

    /// Draws the lines over those that stand there.
    mutating func draw(_ lines: [InkedText], size: TerminalSize, inColour: Bool) -> String {
        // A block as high as the screen would scroll its own first line away.
        let lines = lines.prefix(max(size.rows - 1, 1)).map { $0.fitted(columns: size.columns) }
        // Cleared before it is written: behind a line that fills its row, clearing would take its last column.
        let drawn = lines.map { Self.clearLine + $0.rendered(inColour: inColour) + "\r\n" }.joined()
        defer { widths = lines.map(\.width) }
        return Self.begin + toTop(size) + drawn + Self.clearBelow + Self.end
    }

    /// Takes the block away; the cursor stands where it began.
    mutating func clear(size: TerminalSize) -> String {
        guard isShown else { return "" }
        defer { widths = [] }
        return Self.begin + toTop(size) + Self.clearBelow + Self.end
    }

    /// Moves to the first line of what stands there; a terminal made narrower has broken long lines in two.
    private func toTop(_ size: TerminalSize) -> String {
        let columns = max(size.columns, 1)
        let rows = widths.reduce(0) { $0 + max(($1 + columns - 1) / columns, 1) }
        let up = min(rows, max(size.rows - 1, 1))
        return up > 0 ? "\r\u{1B}[\(up)A" : "\r"
    }
}
