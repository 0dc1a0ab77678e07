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
        text.append(contentsOf: uuidString.utf8)
    }
}

/// A byte is bound only as part of `[UInt8]`, which is a `bytea`.
extension UInt8: PostgresEncodable {
    package static func encodeArray(_ elements: [UInt8], to text: inout [UInt8]) {
        text.append(contentsOf: "\\x".utf8)
        appendHex(elements, to: &text)
    }

    package static func encodeArrayElement(_ elements: [UInt8], to text: inout [UInt8]) {
        // Within the quotes of an element the backslash itself is escaped.
        text.append(contentsOf: "\"\\\\x".utf8)
        appendHex(elements, to: &text)
        text.append(UInt8(ascii: "\""))
    }

    private static func appendHex(_ bytes: [UInt8], to text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        text.reserveCapacity(text.count + 2 * bytes.count + 4)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
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
