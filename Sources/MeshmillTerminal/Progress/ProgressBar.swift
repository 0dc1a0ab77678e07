/// A bar that fills from the left, in eighths of a column where the terminal can show them.
struct ProgressBar {
    /// The part that ended well, 0 to 1.
    var good: Double
    /// The part that ended otherwise, 0 to 1; it follows the good one.
    var bad: Double = 0

    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// The bar between its two edges, on 3 or more columns with them.
    func text(columns: Int, style: TerminalStyle) -> InkedText {
        let inner = max(columns - 2, 1)
        let steps = style.hasSymbols ? 8 : 1
        let filled = filledSteps(of: inner * steps)
        // The second colour begins with a whole column, since half a column has only one colour.
        let badSteps = min(Int((bad * Double(inner * steps)).rounded(.up)), filled)
        let goodSteps = badSteps > 0 ? (filled - badSteps) / steps * steps : filled
        let goodPart = Self.fill(goodSteps, steps)
        let badPart = Self.fill(filled - goodSteps, steps)
        var bar = InkedText(style.hasSymbols ? "▕" : "[", .faint)
        bar.append(goodPart, .good)
        bar.append(badPart, .bad)
        bar.append(String(repeating: " ", count: inner - goodPart.count - badPart.count))
        bar.append(style.hasSymbols ? "▏" : "]", .faint)
        return bar
    }

    /// Full only when everything ended, and never empty when something did.
    private func filledSteps(of all: Int) -> Int {
        let share = min(max(good + bad, 0), 1)
        let steps = Int(share * Double(all))
        if share >= 1 { return all }
        return share > 0 ? min(max(steps, 1), all - 1) : 0
    }

    private static func fill(_ filled: Int, _ steps: Int) -> String {
        guard steps > 1 else { return String(repeating: "#", count: filled) }
        return String(repeating: "█", count: filled / steps) + eighths[filled % steps]
    }
}
