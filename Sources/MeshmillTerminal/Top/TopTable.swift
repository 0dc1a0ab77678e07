/// Rows in several inks under headings, made to fit the screen.
struct TopTable: Sendable {
    struct Column: Sendable {
        let heading: String
        let isNumber: Bool
        /// Whether it may be cut to fit; a column that may not is left out when nothing else helps.
        let cuts: Bool
        /// Whether what is cut out of it is the middle, as of a path, whose end says most.
        let keepsEnd: Bool

        init(_ heading: String, isNumber: Bool = false, cuts: Bool = false, keepsEnd: Bool = false) {
            self.heading = heading
            self.isNumber = isNumber
            self.cuts = cuts || keepsEnd
            self.keepsEnd = keepsEnd
        }
    }

    private static let gap = 2
    private static let space = String(repeating: " ", count: gap)
    /// No column is cut to less.
    private static let least = 8

    private let columns: [Column]
    private let rows: [[InkedText]]
    private let sort: Int
    private let natural: [Int]

    init(columns: [Column], rows: [[InkedText]], sortedBy sort: Int) {
        self.columns = columns
        self.rows = rows
        self.sort = sort
        natural = columns.indices.map { index in
            max(columns[index].heading.count, rows.lazy.map { $0[index].width }.max() ?? 0)
        }
    }

    func heading(width: Int) -> InkedText {
        let widths = widths(width)
        var line = InkedText(" ")
        for (index, column) in columns.enumerated() where widths[index] > 0 {
            if index > 0 { line.append(Self.space) }
            let text = FittedText.end(column.heading.uppercased(), columns: widths[index])
            let space = String(repeating: " ", count: max(widths[index] - DisplayWidth.of(text), 0))
            line.append(column.isNumber ? space + text : text + space, index == sort ? .strong : .faint)
        }
        return line
    }

    func line(_ row: Int, width: Int, isSelected: Bool, style: TerminalStyle) -> InkedText {
        let widths = widths(width)
        var line = InkedText(isSelected ? (style.hasSymbols ? "›" : ">") : " ", .strong)
        for (index, cell) in rows[row].enumerated() where widths[index] > 0 {
            if index > 0 { line.append(Self.space) }
            let fitted =
                columns[index].keepsEnd && cell.width > widths[index]
                ? InkedText(FittedText.middle(cell.text, columns: widths[index]))
                : cell.fitted(columns: widths[index])
            let space = InkedText(String(repeating: " ", count: max(widths[index] - fitted.width, 0)))
            line = line + (columns[index].isNumber ? space + fitted : fitted + space)
        }
        return line
    }

    /// Cuts the widest first; then leaves out columns from the right.
    private func widths(_ width: Int) -> [Int] {
        var widths = natural
        // One for the mark of the selection, and no gap behind the last.
        func total() -> Int { 1 - Self.gap + widths.reduce(0) { $0 + ($1 > 0 ? $1 + Self.gap : 0) } }
        while total() > width,
            let widest = columns.indices.filter({ columns[$0].cuts && widths[$0] > Self.least })
                .max(by: { widths[$0] < widths[$1] })
        {
            widths[widest] -= 1
        }
        var last = columns.count - 1
        while total() > width, last > 0 {
            widths[last] = 0
            last -= 1
        }
        return widths
    }
}
