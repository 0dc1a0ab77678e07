/// How many columns a text takes on a terminal.
package enum DisplayWidth {
    /// Columns of a text without controls: 2 for wide characters and emoji, 0 for marks that combine, else 1.
    package static func of(_ text: String) -> Int {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            ? text.utf8.count
            : text.reduce(0) { $0 + of($1) }
    }

    /// Columns of one character as people see it, however many scalars it has.
    package static func of(_ character: Character) -> Int {
        var columns = 0
        for scalar in character.unicodeScalars {
            // A picture takes two columns, whatever is joined to it; U+FE0F asks for the picture of what is before it.
            if scalar.value == 0xFE0F || scalar.properties.isEmojiPresentation { return 2 }
            columns += of(scalar)
        }
        return columns
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return scalar.value == 0xAD ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Vowels and final consonants of Hangul stand within the syllable that their first consonant opened.
        if (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FB).contains(scalar.value) { return 0 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Source: Unicode 16, EastAsianWidth.txt, classes W and F, neighbours joined over gaps that hold no character.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x16FF6, 0x17000...0x18D1E, 0x1AFF0...0x1B2FB,
        0x1F200...0x1F265, 0x1F300...0x1F320, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
    ]
}
