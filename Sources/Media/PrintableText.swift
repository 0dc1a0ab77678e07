/// Makes text that strangers wrote fit for one line of a terminal or a log.
enum PrintableText {
    /// Bytes in quotes, as ASCII where they are printable and as `\xNN` where not.
    static func quoted(_ bytes: some Sequence<UInt8>) -> String {
        let text = bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\""): "\\\""
            case UInt8(ascii: "\\"): "\\\\"
            case 0x20...0x7E: String(UnicodeScalar(byte))
            default: "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
        }
        return "\"" + text.joined() + "\""
    }

    /// A decoder's message as one line of printable ASCII of at most 120 characters; nil if nothing is left of it.
    static func line(_ message: String) -> String? {
        let printable = message.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : " " }
        let words = String(printable).split(separator: " ")
        return words.isEmpty ? nil : String(words.joined(separator: " ").prefix(120))
    }
}
