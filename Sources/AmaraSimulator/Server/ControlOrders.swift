/// Body of `POST /_simulator/outage`.
struct OutageOrder: Decodable {
    var seconds: Double
}

/// Body of `POST /_simulator/keys`: a name beside the fields of a change.
struct KeyOrder: Decodable {
    var name: String
    var change: KeyChange

    private enum CodingKeys: String, CodingKey { case name }

    init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
        change = try KeyChange(from: decoder)
    }
}

/// Body of `POST /_simulator/orgs`.
struct CreditsOrder: Decodable {
    var name: String
    var credits: Int
}

/// Answer of `GET /_simulator/log`.
struct LogPage: Encodable {
    var total: Int
    var records: [RequestRecord]
}
