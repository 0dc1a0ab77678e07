import Glibc
import MeshmillTerminal

/// Rows under headings, aligned.
///
/// On a terminal the widest column that may be cut is shortened until the rows fit.
struct Table {
    /// A column's heading and how it is set.
    struct Column {
        var heading: String
        var isNumber = false
        /// Whether it may be cut to fit the terminal; a path is cut at its beginning.
        var cuts = false
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row with a text for each column; control characters are escaped.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a cell for each column")
        rows.append(cells.map(OneLine.text))
    }

    /// The lines, for a terminal of so many columns; nil for as wide as it takes.
    func lines(width: Int?) -> [String] {
        var widths = columns.map { Self.width($0.heading) }
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], Self.width(cell)) }
        }
        if let width {
            while widths.reduce(2 * (widths.count - 1), +) > width,
                let widest = columns.indices.filter({ columns[$0].cuts && widths[$0] > 12 })
                    .max(by: { widths[$0] < widths[$1] })
            {
                widths[widest] -= 1
            }
        }
        let headings = columns.map { $0.heading.uppercased() }
        return ([headings] + rows).map { line($0, widths) }
    }

    /// Writes the table to standard output.
    func write() throws {
        for line in lines(width: Terminal.width()) { try Output.line(line) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = Self.cut(cell, to: widths[index])
            let space = String(repeating: " ", count: max(0, widths[index] - Self.width(text)))
            if index > 0 { line += "  " }
            line += columns[index].isNumber ? space + text : text + space
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard Self.width(text) > width else { return text }
        var kept = Substring(text)
        while !kept.isEmpty, Self.width(kept) > width - 1 { kept.removeFirst() }
        return "…" + kept
    }

    /// Cells of the terminal that a text takes: two for East Asian wide characters and emoji.
    private static func width(_ text: some StringProtocol) -> Int {
        text.reduce(0) { sum, character in
            guard let scalar = character.unicodeScalars.first else { return sum }
            switch scalar.value {
            case ..<0x1100: return sum + 1
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
                0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                return sum + 2
            default: return sum + 1
            }
        }
    }
}
