import MeshmillTerminal

/// What a terminal shows after the bytes it was sent: as much of ECMA-48 and xterm as a live block uses.
struct Screen {
    private(set) var size: TerminalSize
    /// A wide character stands in its left cell and leaves the right one empty.
    private var cells: [[String]]
    private var row = 0
    private var column = 0
    private var wraps = true
    /// Whether the cursor can be seen.
    private(set) var showsCursor = true
    /// Escapes that it did not know; a test expects none.
    private(set) var unknown: [String] = []

    init(columns: Int, rows: Int) {
        size = TerminalSize(columns: columns, rows: rows)
        cells = Array(repeating: Self.blank(columns), count: rows)
    }

    /// The rows down to the last one that shows anything, without blanks at their ends.
    var text: [String] {
        let rows = cells.map { cells in
            var row = cells.joined()
            while row.last == " " { row.removeLast() }
            return row
        }
        return Array(rows.prefix { _ in true }.reversed().drop { $0.isEmpty }.reversed())
    }

    /// Whether the next line begins at the left edge, wraps as usual, and shows its cursor.
    var isAtRest: Bool { column == 0 && wraps && showsCursor }

    mutating func write(_ text: String) {
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\u{1B}": escape(&rest)
            case "\r\n":
                column = 0
                lineFeed()
            case "\n":
                // A terminal driver adds the carriage return.
                column = 0
                lineFeed()
            case "\r": column = 0
            default: put(character)
            }
        }
    }

    private static func blank(_ columns: Int) -> [String] { Array(repeating: " ", count: columns) }

    private mutating func put(_ character: Character) {
        let width = DisplayWidth.of(character)
        if column + width > size.columns {
            if wraps {
                column = 0
                lineFeed()
            } else {
                column = size.columns - width
            }
        }
        cells[row][column] = String(character)
        if width == 2 { cells[row][column + 1] = "" }
        column += width
    }

    private mutating func lineFeed() {
        row += 1
        guard row == size.rows else { return }
        cells.removeFirst()
        cells.append(Self.blank(size.columns))
        row -= 1
    }

    private mutating func escape(_ rest: inout Substring) {
        var sequence = ""
        while let character = rest.popFirst() {
            sequence.append(character)
            if character != "[", let code = character.asciiValue, (0x40...0x7E).contains(code) { break }
        }
        switch sequence {
        case "[K": clear(row, from: min(column, size.columns - 1))
        case "[2K": clear(row, from: 0)
        case "[J":
            clear(row, from: min(column, size.columns - 1))
            for below in (row + 1)..<max(size.rows, row + 1) { clear(below, from: 0) }
        case "[?7h": wraps = true
        case "[?7l": wraps = false
        case "[?25h": showsCursor = true
        case "[?25l": showsCursor = false
        case "[?2026h", "[?2026l": break
        case _ where sequence.hasSuffix("A"): row = max(row - (Int(sequence.dropFirst().dropLast()) ?? 1), 0)
        case _ where sequence.hasSuffix("m"): break
        default: unknown.append(sequence)
        }
    }

    private mutating func clear(_ row: Int, from column: Int) {
        for cell in column..<size.columns { cells[row][cell] = " " }
    }
}
