import Foundation

/// Parsed JSON, for tests that look into it.
enum JSON {
    /// The object that a text is; an empty one if it is none.
    static func object(_ text: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    /// The array of objects that a text is; an empty one if it is none.
    static func objects(_ text: String) -> [[String: Any]] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [[String: Any]] ?? []
    }
}
