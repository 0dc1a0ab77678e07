/// Text cut to a number of columns.
package enum FittedText {
    /// The longest character that is shown whole; what stacks more marks on a letter is no writing.
    private static let maximumScalars = 16

    /// The text, or its beginning and its end around `…`, so that a name keeps its extension.
    ///
    ///     FittedText.middle("photos/summer/chair-red.png", columns: 16)  // "photo…ir-red.png"
    package static func middle(_ text: String, columns: Int) -> String {
        let text = readable(text)
        guard DisplayWidth.of(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        let head = (columns - 1) / 3
        return prefix(text, columns: head) + "…" + suffix(text, columns: columns - 1 - head)
    }

    /// The text, or its beginning and `…`.
    package static func end(_ text: String, columns: Int) -> String {
        let text = readable(text)
        guard DisplayWidth.of(text) > columns else { return text }
        guard columns > 0 else { return "" }
        return prefix(text, columns: columns - 1) + "…"
    }

    private static func prefix(_ text: String, columns: Int) -> String {
        var width = 0
        return String(
            text.prefix { character in
                width += DisplayWidth.of(character)
                return width <= columns
            }
        )
    }

    private static func suffix(_ text: String, columns: Int) -> String {
        String(prefix(String(text.reversed()), columns: columns).reversed())
    }

    private static func readable(_ text: String) -> String {
        guard text.contains(where: { $0.unicodeScalars.count > maximumScalars }) else { return text }
        return String(text.map { $0.unicodeScalars.count > maximumScalars ? "\u{FFFD}" : $0 })
    }
}
