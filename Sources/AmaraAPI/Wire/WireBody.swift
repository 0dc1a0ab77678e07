import FoundationEssentials

/// A JSON body as the client reads it.
protocol WireBody: Decodable, Sendable {}

extension WireBody {
    /// Reads a body, leniently: JSON5 is taken as well, since Python's encoder writes bare `NaN` and `Infinity`.
    ///
    /// - Returns: `nil` unless `bytes` are a JSON object.
    init?(_ bytes: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        guard let body = try? decoder.decode(Self.self, from: Data(bytes)) else { return nil }
        self = body
    }
}
