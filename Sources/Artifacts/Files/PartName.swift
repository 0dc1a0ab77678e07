/// Names of files that are being written: hidden, beside the final one, and told from all others.
enum PartName {
    private static let suffix = ".part"
    private static let tokenLength = 16

    /// A name that no other part file has: `.NAME.TOKEN.part`, with at most 200 bytes of the name.
    static func random(for name: String) -> String {
        let token = String(UInt64.random(in: .min ... .max), radix: 16)
        let padding = String(repeating: "0", count: tokenLength - token.count)
        return stem(of: name) + padding + token + suffix
    }

    /// Whether a name is one that ``random(for:)`` may have made for a file.
    static func matches(_ name: String, for file: String) -> Bool {
        let stem = stem(of: file)
        return name.utf8.count == stem.utf8.count + tokenLength + suffix.utf8.count && name.hasPrefix(stem)
            && matches(name)
    }

    private static func stem(of name: String) -> String { "." + name.prefix(bytes: 200) + "." }

    /// Whether a name is one that ``random(for:)`` may have made.
    static func matches(_ name: String) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(suffix) else { return false }
        let stem = name.dropLast(suffix.count)
        let token = stem.suffix(tokenLength)
        return stem.dropLast(tokenLength).hasSuffix(".") && token.utf8.count == tokenLength
            && token.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension String {
    /// The longest start of whole characters with at most `limit` bytes of UTF-8.
    func prefix(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var length = 0
        return String(
            prefix { character in
                length += character.utf8.count
                return length <= limit
            }
        )
    }
}
