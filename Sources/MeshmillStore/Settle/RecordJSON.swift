import Foundation

/// Rows as one JSON array, the form in which a whole batch travels in one parameter.
enum RecordJSON {
    /// The array's text.
    ///
    /// The records hold numbers, strings and optionals only, none of which can fail to encode; NUL characters, which
    /// `jsonb` refuses, are cleaned from provider text where it comes in.
    static func array(_ records: [some Encodable]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        do {
            return String(decoding: try encoder.encode(records), as: UTF8.self)
        } catch {
            preconditionFailure("a record of numbers and strings did not encode: \(error)")
        }
    }
}
