/// A key that somebody pressed.
package enum TopKeyPress: Sendable, Hashable {
    case character(Character)
    case up, down, pageUp, pageDown, home, end, enter, escape, backspace, tab, interrupt

    /// Reads what a terminal in raw mode sent in one go; unknown sequences are left out.
    ///
    /// Source: ECMA-48; the xterm manual "Control Sequences", PC-style function keys.
    package static func decode(_ bytes: [UInt8]) -> [TopKeyPress] {
        var keys: [TopKeyPress] = []
        var rest = bytes[...]
        while let first = rest.first {
            if first == 0x1B, let (key, length) = sequence(rest) {
                if let key { keys.append(key) }
                rest = rest.dropFirst(length)
                continue
            }
            switch first {
            case 0x1B: keys.append(.escape)
            case 0x0D, 0x0A: keys.append(.enter)
            case 0x7F, 0x08: keys.append(.backspace)
            case 0x09: keys.append(.tab)
            case 0x03: keys.append(.interrupt)
            case 0x20...0x7E: keys.append(.character(Character(Unicode.Scalar(first))))
            case 0xC2...0xF4:
                let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
                if let character = String(validating: rest.prefix(length), as: UTF8.self)?.first {
                    keys.append(.character(character))
                }
                rest = rest.dropFirst(length - 1)
            default: break
            }
            rest = rest.dropFirst()
        }
        return keys
    }

    /// The key of an escape sequence at the front, and its length; nil if there is none.
    private static func sequence(_ bytes: ArraySlice<UInt8>) -> (TopKeyPress?, Int)? {
        let start = bytes.startIndex
        guard bytes.count >= 3, bytes[start + 1] == UInt8(ascii: "[") || bytes[start + 1] == UInt8(ascii: "O") else {
            return nil
        }
        guard let final = bytes[(start + 2)...].firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            return (nil, bytes.count)
        }
        let parameters = String(decoding: bytes[(start + 2)..<final], as: UTF8.self)
        let key: TopKeyPress? =
            switch (Character(Unicode.Scalar(bytes[final])), parameters) {
            case ("A", _): .up
            case ("B", _): .down
            case ("H", _), ("~", "1"), ("~", "7"): .home
            case ("F", _), ("~", "4"), ("~", "8"): .end
            case ("~", "5"): .pageUp
            case ("~", "6"): .pageDown
            default: nil
            }
        return (key, final - start + 1)
    }
}
