package import FoundationEssentials

extension Int: PostgresEncodable {}
extension Int64: PostgresEncodable {}
extension Int32: PostgresEncodable {}
extension Int16: PostgresEncodable {}

extension PostgresEncodable where Self: FixedWidthInteger {
    package static var needsQuotesInArray: Bool { false }

    package func encode(to text: inout [UInt8]) {
        text.append(contentsOf: description.utf8)
    }
}

extension Double: PostgresEncodable {
    package static var needsQuotesInArray: Bool { false }

    /// The shortest text that reads back as the same number; `nan`, `inf` and `-inf` are PostgreSQL's words too.
    package func encode(to text: inout [UInt8]) {
        text.append(contentsOf: description.utf8)
    }
}

extension Bool: PostgresEncodable {
    package static var needsQuotesInArray: Bool { false }

    package func encode(to text: inout [UInt8]) {
        text.append(UInt8(ascii: self ? "t" : "f"))
    }
}

extension String: PostgresEncodable {
    package func encode(to text: inout [UInt8]) {
        text.append(contentsOf: utf8)
    }
}

extension UUID: PostgresEncodable {
    package static var needsQuotesInArray: Bool { false }

    package func encode(to text: inout [UInt8]) {
        // A uuid without its dashes is read as well, and needs no String.
        withUnsafeBytes(of: uuid) { text.appendHex($0) }
    }
}

/// A byte is bound only as part of `[UInt8]`, which is a `bytea`.
extension UInt8: PostgresEncodable {
    package static func encodeArray(_ elements: [UInt8], to text: inout [UInt8]) {
        text.append(contentsOf: "\\x".utf8)
        text.appendHex(elements)
    }

    package static func encodeArrayElement(_ elements: [UInt8], to text: inout [UInt8]) {
        // Within the quotes of an element the backslash itself is escaped.
        text.append(contentsOf: "\"\\\\x".utf8)
        text.appendHex(elements)
        text.append(UInt8(ascii: "\""))
    }
}

extension [UInt8] {
    /// Writes two digits for each byte.
    fileprivate mutating func appendHex(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            append(Self.digit(byte >> 4))
            append(Self.digit(byte & 15))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// An elapsed time is bound as an `interval` of seconds, rounded to the microsecond.
extension Duration: PostgresEncodable {
    package static var needsQuotesInArray: Bool { true }

    package func encode(to text: inout [UInt8]) {
        let (seconds, attoseconds) = components
        var microseconds = (attoseconds.magnitude + 500_000_000_000) / 1_000_000_000_000
        let wholeSeconds = seconds.magnitude + microseconds / 1_000_000
        microseconds %= 1_000_000
        if seconds < 0 || attoseconds < 0 { text.append(UInt8(ascii: "-")) }
        text.append(contentsOf: String(wholeSeconds).utf8)
        text.append(UInt8(ascii: "."))
        let digits = String(microseconds)
        text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 6 - digits.utf8.count))
        text.append(contentsOf: digits.utf8)
        text.append(contentsOf: " seconds".utf8)
    }
}
