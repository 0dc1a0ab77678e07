/// Makes file names, which may hold anything, fit for one line of a terminal or a log.
enum PathText {
    /// The path with control and direction characters as `\u{NN}`.
    static func printable(_ path: String) -> String {
        guard path.unicodeScalars.contains(where: isUnprintable) else { return path }
        return path.unicodeScalars.reduce(into: "") { text, scalar in
            if isUnprintable(scalar) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // The direction overrides and isolates; zero-width joiners are needed by emoji and scripts.
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }
}
