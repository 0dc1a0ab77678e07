import MeshmillTerminal

/// Lines of comma-separated values, by RFC 4180.
///
/// Text that a spreadsheet would take for a formula is given an apostrophe, and control characters are escaped: file
/// names and the like come from outside.
enum CSV {
    /// One line, with its line end.
    static func line(_ cells: [JSONValue]) -> String {
        cells.map(cell).joined(separator: ",") + "\r\n"
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): quoted(neutral(OneLine.text(text)))
        default: quoted(value.text)
        }
    }

    private static func neutral(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, "=+-@|%\t\r＝＋－＠".unicodeScalars.contains(first) else {
            return text
        }
        return "'" + text
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes =
            text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) } || text.hasPrefix(" ")
            || text.hasSuffix(" ")
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
