import FoundationEssentials

/// A JSON body as the client reads it.
protocol WireBody: Decodable, Sendable {}

extension WireBody {
    /// Reads a body as JSON, else as JSON5, since Python's encoder writes bare `NaN` and `Infinity`.
    ///
    /// JSON5 alone would not do: Foundation's reader of it refuses `\u0000` in a string. It also traps on a key that is
    /// not UTF-8 (found by fuzzing), so it only gets text that is.
    ///
    /// - Returns: `nil` unless `bytes` are an object.
    init?(_ bytes: [UInt8]) {
        let data = Data(bytes)
        let decoder = JSONDecoder()
        if let body = try? decoder.decode(Self.self, from: data) {
            self = body
            return
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        decoder.allowsJSON5 = true
        guard let body = try? decoder.decode(Self.self, from: data) else { return nil }
        self = body
    }
}
