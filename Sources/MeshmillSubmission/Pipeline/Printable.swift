/// Names from a file system or a manifest, made safe for a line on a terminal or in a log.
package enum Printable {
    /// Bytes that a shown name may have; a path can have 4,096.
    static let maximumBytes = 1_024

    /// The name with everything escaped that is not to be seen as itself.
    ///
    /// Controls, line and paragraph separators, bidirectional controls and the backslash itself become `\n`, `\t`,
    /// `\r`, `\\` or `\u{…}`. A name without any of them is returned as it is; a very long one is cut, with `…`.
    package static func name(_ name: String) -> String {
        var shown = ""
        var length = 0
        for scalar in name.unicodeScalars {
            guard length < maximumBytes else { return shown + "…" }
            let piece = isHarmless(scalar) ? String(scalar) : escape(scalar)
            length += piece.utf8.count
            shown += piece
        }
        return shown
    }

    /// Whether every character of the text is seen as itself.
    static func isPrintable(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0 == "\\" || isHarmless($0) } }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        case .format: isJoiner(scalar)
        default: scalar != "\\"
        }
    }

    /// Joiners and tags hold emoji and some scripts together; all other format characters can hide or turn text.
    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x200C || scalar.value == 0x200D || (0xE0020...0xE007F).contains(scalar.value)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case "\\": "\\\\"
        default: "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}
