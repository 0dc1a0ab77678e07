/// Reads small CSV files whole, by RFC 4180: fields in quotes may hold commas, quotes and line ends.
///
/// Fields outside quotes lose the white space around them, since people align columns by hand.
enum CSVRecords {
    /// The fields of one record, and the line it begins on, from 1.
    struct Record: Sendable {
        var line: Int
        var fields: [String]
    }

    /// All records but the empty ones; quotes that are out of place become problems.
    static func read(_ text: String, _ error: inout KeyFileError) -> [Record] {
        var scalars = Array(text.unicodeScalars)[...]
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        var records: [Record] = []
        var line = 1
        while !scalars.isEmpty {
            var record = Record(line: line, fields: [])
            var hasMore = true
            while hasMore {
                record.fields.append(field(&scalars, &line, &error))
                hasMore = scalars.first == ","
                if hasMore { scalars.removeFirst() }
            }
            if scalars.first == "\r" { scalars.removeFirst() }
            if scalars.first == "\n" { scalars.removeFirst() }
            line += 1
            if record.fields != [""] { records.append(record) }
        }
        return records
    }

    private static func field(
        _ scalars: inout ArraySlice<Unicode.Scalar>,
        _ line: inout Int,
        _ error: inout KeyFileError
    ) -> String {
        while scalars.first == " " || scalars.first == "\t" { scalars.removeFirst() }
        var text = String.UnicodeScalarView()
        if scalars.first == "\"" {
            let firstLine = line
            scalars.removeFirst()
            while let scalar = scalars.popFirst() {
                if scalar == "\"" {
                    guard scalars.first == "\"" else {
                        let rest = plainField(&scalars)
                        if !rest.isEmpty { error.add("text after a closing quote", line: line) }
                        return String(text)
                    }
                    scalars.removeFirst()
                }
                if scalar == "\n" { line += 1 }
                text.append(scalar)
            }
            error.add("a quote that is never closed", line: firstLine)
            return String(text)
        }
        return plainField(&scalars)
    }

    private static func plainField(_ scalars: inout ArraySlice<Unicode.Scalar>) -> String {
        var text = scalars.prefix { $0 != "," && $0 != "\n" && $0 != "\r" }
        scalars = scalars[text.endIndex...]
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(String.UnicodeScalarView(text))
    }
}
