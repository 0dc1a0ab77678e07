package import FoundationEssentials

/// Reads text types, `json`, `jsonb`, `numeric` and, since enums travel as their label, types made by users.
extension String: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        var bytes = try cell.valueBytes()
        switch cell.type {
        case .text, .varchar, .bpchar, .name, .char, .unknown, .json, .xml:
            break
        case .jsonb:
            // One byte tells the version of the format, which has only ever been 1.
            guard bytes.first == 1 else { throw .malformed }
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        case .numeric:
            self = try NumericText(bytes).text
            return
        case let type where type.isUserDefined:
            break
        default:
            throw cell.mismatch("a text type")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        self = text
    }
}

extension UUID: PostgresDecodable {
    package init(from cell: PostgresCell) throws(PostgresDecodingFailure) {
        guard cell.type == .uuid else { throw cell.mismatch("uuid") }
        let bytes = try cell.valueBytes()
        guard bytes.count == 16 else { throw .malformed }
        self = UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

/// Exact decimal text from the binary form of `numeric`: digits in base 10,000 with a weight and a scale.
///
/// Source: PostgreSQL, src/backend/utils/adt/numeric.c, `numeric_send`.
private struct NumericText {
    let text: String

    init(_ bytes: UnsafeRawBufferPointer) throws(PostgresDecodingFailure) {
        guard bytes.count >= 8, bytes.count.isMultiple(of: 2) else { throw .malformed }
        func word(_ index: Int) -> UInt16 {
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        }
        let count = Int(word(0))
        let weight = Int(Int16(bitPattern: word(1)))
        let scale = Int(word(3))
        guard bytes.count == 8 + 2 * count else { throw .malformed }
        let sign: String
        switch word(2) {
        case 0x0000: sign = ""
        case 0x4000: sign = "-"
        case 0xC000: self.text = "NaN"; return
        case 0xD000: self.text = "Infinity"; return
        case 0xF000: self.text = "-Infinity"; return
        default: throw .malformed
        }
        /// The four decimal digits at a position counted from the decimal point, zero where none are stored.
        func group(_ position: Int) -> String {
            let index = weight - position
            let value = index >= 0 && index < count ? word(4 + index) : 0
            let digits = String(value)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
        let whole = weight < 0 ? "0" : (0...weight).reversed().map(group).joined()
        let trimmed = whole.drop { $0 == "0" }
        var text = sign + (trimmed.isEmpty ? "0" : String(trimmed))
        if scale > 0 {
            let groups = (1...(scale + 3) / 4).map { group(-$0) }
            text += "." + groups.joined().prefix(scale)
        }
        self.text = text
    }
}
