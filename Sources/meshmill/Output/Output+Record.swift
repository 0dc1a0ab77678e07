import MeshmillTerminal

extension Output {
    /// Writes one thing: a JSON object, or its fields one below the other, without those that say nothing.
    static func record(_ fields: [(String, JSONValue)], json: Bool) throws {
        guard !json else { return try line(JSONValue.object(fields).text) }
        let width = fields.map(\.0.count).max() ?? 0
        for (name, value) in fields {
            let text: String
            switch value {
            case .null: continue
            case .string(let string): text = OneLine.text(string)
            default: text = value.text
            }
            try line(name + String(repeating: " ", count: width - name.count + 2) + text)
        }
    }
}
