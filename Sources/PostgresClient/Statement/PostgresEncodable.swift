/// A value that can be bound as a parameter, in PostgreSQL's text format.
package protocol PostgresEncodable: Sendable {
    /// Whether an element of an array literal needs quotes around this value's text.
    ///
    /// False is only right for text that is never empty, never `NULL` and free of `{},"\` and white space.
    static var needsQuotesInArray: Bool { get }

    /// Appends the text the server reads for this value, in UTF-8 and without a terminating NUL.
    func encode(to text: inout [UInt8])

    /// Appends this value as an element of an array literal, quoted where needed.
    func encodeElement(to text: inout [UInt8])

    /// Appends a whole array of this type: by default `{…}`.
    ///
    /// A hook, since an array of bytes is a `bytea` and not an array to PostgreSQL.
    static func encodeArray(_ elements: [Self], to text: inout [UInt8])

    /// Appends a whole array as an element of another.
    static func encodeArrayElement(_ elements: [Self], to text: inout [UInt8])
}

extension PostgresEncodable {
    package static var needsQuotesInArray: Bool { true }

    package func encodeElement(to text: inout [UInt8]) {
        guard Self.needsQuotesInArray else {
            encode(to: &text)
            return
        }
        text.append(UInt8(ascii: "\""))
        let start = text.count
        encode(to: &text)
        text.escapeArrayElement(from: start)
        text.append(UInt8(ascii: "\""))
    }

    package static func encodeArray(_ elements: [Self], to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        var isFirst = true
        for element in elements {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            element.encodeElement(to: &text)
        }
        text.append(UInt8(ascii: "}"))
    }

    package static func encodeArrayElement(_ elements: [Self], to text: inout [UInt8]) {
        encodeArray(elements, to: &text)
    }
}

/// An enumeration with a raw value is bound as that value.
extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package static var needsQuotesInArray: Bool { RawValue.needsQuotesInArray }

    package func encode(to text: inout [UInt8]) {
        rawValue.encode(to: &text)
    }
}

/// Arrays of any encodable type, and of optionals of it for arrays with NULLs.
extension Array: PostgresEncodable where Element: PostgresEncodable {
    package func encode(to text: inout [UInt8]) {
        Element.encodeArray(self, to: &text)
    }

    package func encodeElement(to text: inout [UInt8]) {
        Element.encodeArrayElement(self, to: &text)
    }
}

/// Inside an array, nil is `NULL`.
extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package func encode(to text: inout [UInt8]) {
        // At the top level `PostgresParameters.append` sees nil first; this is reached for elements only.
        self?.encode(to: &text)
    }

    package func encodeElement(to text: inout [UInt8]) {
        guard let self else {
            text.append(contentsOf: "NULL".utf8)
            return
        }
        self.encodeElement(to: &text)
    }
}

extension [UInt8] {
    /// Puts a backslash before each quote and backslash from `start` to the end.
    fileprivate mutating func escapeArrayElement(from start: Int) {
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        guard self[start...].contains(where: { $0 == quote || $0 == backslash }) else { return }
        let plain = Array(self[start...])
        removeSubrange(start...)
        for byte in plain {
            if byte == quote || byte == backslash { append(backslash) }
            append(byte)
        }
    }
}
