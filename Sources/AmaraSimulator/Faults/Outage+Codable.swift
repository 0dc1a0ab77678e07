extension Outage: Codable {
    private enum CodingKeys: String, CodingKey {
        case from = "from_seconds"
        case until = "until_seconds"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let from = try fields.decode(Double.self, forKey: .from)
        let until = try fields.decode(Double.self, forKey: .until)
        guard (0...1e9).contains(from), (0...1e9).contains(until) else {
            throw DecodingError.dataCorruptedError(
                forKey: .from,
                in: fields,
                debugDescription: "an outage lies within 0 to 1e9 seconds"
            )
        }
        self.init(from: .seconds(from), until: .seconds(until))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(from.inSeconds, forKey: .from)
        try fields.encode(until.inSeconds, forKey: .until)
    }
}
