/// Arranges parts on lines of a given width.
enum Layout {
    /// What stands between two parts of a line.
    static let gap = "   "

    /// As many parts on each line as fit; a part that is wider than a line is cut.
    static func flow(_ parts: [InkedText], columns: Int, indent: Int = 1) -> [InkedText] {
        let margin = InkedText(String(repeating: " ", count: indent))
        var lines: [InkedText] = []
        var line = InkedText()
        for part in parts where !part.isEmpty {
            if line.isEmpty {
                line = margin + part
            } else if line.width + gap.count + part.width <= columns {
                line.append(gap)
                line = line + part
            } else {
                lines.append(line)
                line = margin + part
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { $0.fitted(columns: columns) }
    }

    /// One part at the left edge, one at the right; the left one is cut if they do not fit.
    static func edges(_ left: InkedText, _ right: InkedText, columns: Int) -> InkedText {
        guard !right.isEmpty, right.width + 12 <= columns else { return left.fitted(columns: columns) }
        let left = left.fitted(columns: columns - right.width - 2)
        let space = String(repeating: " ", count: columns - left.width - right.width)
        return left + InkedText(space) + right
    }
}
