/// A `COPY … FROM STDIN` in text format, and how one row is written for it.
package protocol CopyStatement: Sendable {
    /// What one row is made from.
    associatedtype Row: Sendable

    /// The name shown in errors. By default the type's name.
    static var name: String { get }

    /// The text, like `COPY staging (id, name) FROM STDIN`, without options that change the format.
    static var sql: String { get }

    /// Appends one row's columns in the order that `sql` lists.
    static func encode(_ row: Row, to columns: inout PostgresCopyColumns)
}

extension CopyStatement {
    package static var name: String { "\(Self.self)" }
}

/// The columns of rows on their way into a COPY, in its text format.
///
/// Source: PostgreSQL manual, COPY, "Text Format": tabs between columns, newlines after rows, `\N` for NULL.
package struct PostgresCopyColumns {
    /// Finished rows and the begun one.
    private(set) var text: [UInt8] = []
    private var isAtRowStart = true

    /// Appends the next column; nil is NULL.
    package mutating func append(_ value: (some PostgresEncodable)?) {
        if !isAtRowStart { text.append(UInt8(ascii: "\t")) }
        isAtRowStart = false
        guard let value else {
            text.append(contentsOf: "\\N".utf8)
            return
        }
        let start = text.count
        value.encode(to: &text)
        escape(from: start)
    }

    mutating func endRow() {
        text.append(UInt8(ascii: "\n"))
        isAtRowStart = true
    }

    mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
    }

    private mutating func escape(from start: Int) {
        guard text[start...].contains(where: { Self.escaped($0) != nil }) else { return }
        let plain = Array(text[start...])
        text.removeSubrange(start...)
        for byte in plain {
            if let letter = Self.escaped(byte) {
                text.append(UInt8(ascii: "\\"))
                text.append(letter)
            } else {
                text.append(byte)
            }
        }
    }

    /// What follows the backslash that stands for a byte; nil for a byte that stands for itself.
    private static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\\"): byte
        case UInt8(ascii: "\t"): UInt8(ascii: "t")
        case UInt8(ascii: "\n"): UInt8(ascii: "n")
        case UInt8(ascii: "\r"): UInt8(ascii: "r")
        default: nil
        }
    }
}
