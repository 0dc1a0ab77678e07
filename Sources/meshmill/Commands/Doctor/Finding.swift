/// One thing that `doctor` looked at.
struct Finding: Sendable {
    enum Level: String, Sendable {
        case ok, warning, problem
    }

    /// What was looked at, in a word or two.
    let name: String
    let level: Level
    /// What is so.
    let text: String
    /// What to do; nil where nothing needs to be done.
    let cure: String?

    static func ok(_ name: String, _ text: String) -> Finding {
        Finding(name: name, level: .ok, text: text, cure: nil)
    }

    static func warning(_ name: String, _ text: String, cure: String) -> Finding {
        Finding(name: name, level: .warning, text: text, cure: cure)
    }

    static func problem(_ name: String, _ text: String, cure: String) -> Finding {
        Finding(name: name, level: .problem, text: text, cure: cure)
    }

    var fields: [(String, JSONValue)] {
        [
            ("name", .string(name)), ("level", .string(level.rawValue)), ("text", .string(text)),
            ("cure", .optional(cure)),
        ]
    }
}
