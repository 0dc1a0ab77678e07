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
        /// Whether it may be, and is cut at its end.
        var cutsEnd = false

        var mayBeCut: Bool { cuts || cutsEnd }
    }

    /// No column is cut to less.
    private static let least = 8

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
        var widths = columns.map { DisplayWidth.of($0.heading) }
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], DisplayWidth.of(cell)) }
        }
        if let width {
            while widths.reduce(2 * (widths.count - 1), +) > width,
                let widest = columns.indices.filter({ columns[$0].mayBeCut && widths[$0] > Self.least })
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
            let text =
                columns[index].cutsEnd
                ? FittedText.end(cell, columns: widths[index]) : Self.cut(cell, to: widths[index])
            let space = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(text)))
            if index > 0 { line += "  " }
            line += columns[index].isNumber ? space + text : text + space
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard DisplayWidth.of(text) > width else { return text }
        var kept = Substring(text)
        while !kept.isEmpty, DisplayWidth.of(String(kept)) > width - 1 { kept.removeFirst() }
        return "…" + kept
    }
}
