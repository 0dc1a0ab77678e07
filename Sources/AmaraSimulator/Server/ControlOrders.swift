/// Body of `POST /_simulator/outage` and `skip`.
struct TimeOrder: Decodable {
    /// What was asked for, drawn into 0 to 1e8 seconds.
    let duration: Duration

    private enum CodingKeys: String, CodingKey { case seconds }

    init(from decoder: any Decoder) throws {
        let seconds = try decoder.container(keyedBy: CodingKeys.self).decode(Double.self, forKey: .seconds)
        duration = .seconds(min(max(0, seconds), 1e8))
    }
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
