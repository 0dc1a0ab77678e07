/// One record of a CSV file as it is put together from lines.
///
/// Source: RFC 4180. A quote inside a field that does not start with one stands for itself, as spreadsheets read it.
struct CSVRecord: Sendable {
    enum State: Sendable, Equatable {
        /// All fields are read.
        case complete
        /// A quoted field goes on in the next line.
        case open
        /// The rest of the line cannot be read.
        case malformed(String)
    }

    /// The longest record, in bytes.
    static let maximumBytes = 64 * 1_024

    /// The fields so far, each of them UTF-8 as long as the file is.
    private(set) var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    private var isQuoted = false
    private var bytes = 0

    /// Takes the next line of the record, with its ending.
    mutating func append(_ line: ArraySlice<UInt8>) -> State {
        bytes += line.count
        guard bytes <= Self.maximumBytes else {
            return .malformed("a quoted field is not closed within \(Self.maximumBytes) bytes")
        }
        var rest = line
        while true {
            let end = isQuoted ? takeQuoted(&rest) : takePlain(&rest)
            switch end {
            case .comma: continue
            case .line: return .complete
            case .open: return .open
            case .malformed: return .malformed("there is text after the closing quote of field \(fields.count + 1)")
            }
        }
    }

    private enum FieldEnd {
        case comma, line, open, malformed
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")

    private mutating func takePlain(_ rest: inout ArraySlice<UInt8>) -> FieldEnd {
        if rest.first == Self.quote {
            rest = rest.dropFirst()
            isQuoted = true
            return takeQuoted(&rest)
        }
        if let end = rest.firstIndex(of: Self.comma) {
            finishField(rest[..<end])
            rest = rest[(end + 1)...]
            return .comma
        }
        finishField(Self.withoutEnding(rest))
        return .line
    }

    private mutating func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> FieldEnd {
        while let end = rest.firstIndex(of: Self.quote) {
            field += rest[..<end]
            rest = rest[(end + 1)...]
            if rest.first == Self.quote {
                field.append(Self.quote)
                rest = rest.dropFirst()
                continue
            }
            isQuoted = false
            if rest.first == Self.comma {
                rest = rest.dropFirst()
                finishField([])
                return .comma
            }
            guard Self.withoutEnding(rest).isEmpty else { return .malformed }
            finishField([])
            return .line
        }
        field += rest
        return .open
    }

    private mutating func finishField(_ tail: ArraySlice<UInt8>) {
        fields.append(field + tail)
        field = []
    }

    private static func withoutEnding(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        if line.last == UInt8(ascii: "\n") { line = line.dropLast() }
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return line
    }
}
