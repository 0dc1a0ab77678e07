import Testing

/// A reader of what strangers feed us, and what it promises of any input.
struct FuzzSubject: Sendable, CustomTestStringConvertible {
    /// Name of its folder in `Corpus`.
    let name: String
    /// Words of its language, which mutations put in.
    var words: [String] = []
    /// Feeds it an input and checks its promises.
    ///
    /// - Returns: what kind of answer it gave; inputs that lead to a new kind are worth further mutation.
    /// - Throws: ``BrokenPromise``.
    let feed: @Sendable ([UInt8]) throws -> String

    var testDescription: String { name }

    static let all: [FuzzSubject] = [
        createAnswer, statusAnswer, glb, image, manifestCSV, manifestJSONLines, keyFile, duration, connectionString,
    ]
}

/// What a subject did that it must not do.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Throws unless a promise was kept.
    static func unless(_ isKept: Bool, _ promise: @autoclosure () -> String) throws {
        if !isKept { throw BrokenPromise(promise()) }
    }

    /// Throws unless a text can be shown on a terminal: one short line without a character that hides or turns it.
    static func unlessShowable(_ text: String, limit: Int = 2_000) throws {
        try unless(!text.isEmpty, "a message is empty")
        try unless(text.utf8.count <= limit, "a message has \(text.utf8.count) bytes: \(text.prefix(80))…")
        for scalar in text.unicodeScalars {
            let isHarmful: Bool =
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: true
                default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                }
            try unless(!isHarmful, "a message holds U+\(String(scalar.value, radix: 16)): \(text.debugDescription)")
        }
    }
}

/// A message without what differs from input to input.
func kind(of message: String) -> String {
    let words = message.split(separator: " ").prefix(6).filter { word in
        word.allSatisfy { $0.isLetter || $0 == "_" || $0 == ":" }
    }
    return words.joined(separator: " ")
}
