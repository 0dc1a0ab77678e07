import PostgresClient

extension JSONValue {
    /// An instant by RFC 3339; null for none and for the infinities.
    static func time(_ time: PostgresTimestamp?) -> JSONValue {
        guard let time, time.isFinite else { return .null }
        return .string(time.description)
    }

    /// A length of time in seconds.
    static func seconds(_ duration: Duration) -> JSONValue { .double(duration / .seconds(1)) }
}

extension PostgresTimestamp {
    /// How far this lies ahead of `now`, for people: `now`, `in 14m59s`, `never`.
    func ahead(of now: PostgresTimestamp) -> String {
        guard self != .infinity else { return "never" }
        guard self > now, let wait = now.duration(to: self) else { return "now" }
        return "in \(wait.rounded)"
    }

    /// How long ago this was, for people: `3m12s ago`.
    func ago(_ now: PostgresTimestamp) -> String {
        guard let age = duration(to: now) else { return "" }
        return "\(max(age, .zero).rounded) ago"
    }

    /// To the second, for people: `2026-07-01 12:00:00Z`.
    var short: String {
        guard isFinite else { return description }
        return description.prefix(19).replacing("T", with: " ") + "Z"
    }
}

extension PostgresTimestamp {
    /// The instant so much later.
    func advanced(by duration: Duration) -> PostgresTimestamp {
        PostgresTimestamp(microseconds: microseconds + Int64((duration / .microseconds(1)).rounded()))
    }
}
