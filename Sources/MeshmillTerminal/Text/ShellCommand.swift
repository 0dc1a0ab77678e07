/// A command line that can be pasted into a shell.
package enum ShellCommand {
    /// The words, each in quotes where it needs them.
    ///
    ///     ShellCommand.text(["meshmill", "run", "my photos/"])  // "meshmill run 'my photos/'"
    package static func text(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy(isPlain)
        if isPlain { return word }
        guard word.unicodeScalars.allSatisfy({ !isUnseen($0) }) else { return escaped(word) }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// The quotes `$'…'`, which bash, zsh and ksh read, for words that hold what cannot be seen.
    private static func escaped(_ word: String) -> String {
        let bytes = word.unicodeScalars.map { scalar in
            switch scalar {
            case "'": "\\'"
            case "\\": "\\\\"
            case _ where isUnseen(scalar):
                Array(String(scalar).utf8).map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            default: String(scalar)
            }
        }
        return "$'" + bytes.joined() + "'"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ":", "=", "@", "%", "+", ",": true
        default: false
        }
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .unassigned, .privateUse: true
        default: false
        }
    }
}
