/// Text from the provider that is safe to store, log and show: no controls, no bidi tricks, capped.
///
/// Removed are NUL, C0 and C1 controls, the line and paragraph separators, and the bidirectional controls (Unicode
/// UAX #9); a run of white space or controls becomes one space. Escaping for HTML or CSV is still the reader's task.
package enum CleanedText {
    /// The longest text kept, in Unicode scalars.
    package static let maximumLength = 500

    /// Cleans `text` and cuts it after `limit` scalars, with an ellipsis in place of the rest.
    ///
    ///     CleanedText.clean("no\u{0}  such\nkey")  // "no such key"
    package static func clean(_ text: String, limit: Int = maximumLength) -> String {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        var gap = false
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) { continue }
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.properties.isWhitespace {
                gap = count > 0
                continue
            }
            let width = gap ? 2 : 1
            guard count + width <= limit else {
                cleaned.append("…")
                break
            }
            if gap { cleaned.append(" ") }
            cleaned.append(scalar)
            count += width
            gap = false
        }
        return String(cleaned)
    }

    /// Whether a scalar only steers or hides what is shown: bidi controls, zero-width marks, the byte order mark.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00, 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        case 0xE0000...0xE007F: true  // tags
        default: false
        }
    }
}
