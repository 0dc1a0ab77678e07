import FoundationEssentials
package import PostgresClient

/// Changes a key's settings by name, rebuilds its slots where limits changed, and returns its new name.
///
/// - Throws: the server's `P0002` if there is no such key or pool.
package struct ChangeKey: Statement {
    /// What is to be changed; what is nil stays.
    package struct Changes: Sendable, Encodable {
        package var name: String?
        package var org: String?
        package var pool: String?
        package var rateLimit: Int?
        package var rateWindow: Duration?
        /// Added to the window; goes with a changed window.
        package var margin: Duration?
        package var reserveSlots: Int?
        /// Our cap of credits a month.
        package var monthlyLimit: MonthlyLimit?

        package enum MonthlyLimit: Sendable, Hashable {
            case none
            case credits(Int64)
        }

        package init() {}

        private enum CodingKeys: String, CodingKey {
            case name, org, pool, margin
            case rateLimit = "rate_limit"
            case rateWindow = "rate_window"
            case reserveSlots = "reserve_slots"
            case monthlyLimit = "monthly_limit"
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(name, forKey: .name)
            try container.encodeIfPresent(org, forKey: .org)
            try container.encodeIfPresent(pool, forKey: .pool)
            try container.encodeIfPresent(rateLimit, forKey: .rateLimit)
            try container.encodeIfPresent(rateWindow?.postgresInterval, forKey: .rateWindow)
            try container.encodeIfPresent(margin?.postgresInterval, forKey: .margin)
            try container.encodeIfPresent(reserveSlots, forKey: .reserveSlots)
            switch monthlyLimit {
            case nil: break
            case .some(.none): try container.encodeNil(forKey: .monthlyLimit)
            case .credits(let credits): try container.encode(credits, forKey: .monthlyLimit)
            }
        }

        /// Whether nothing is to be changed.
        package var isEmpty: Bool {
            name == nil && org == nil && pool == nil && rateLimit == nil && rateWindow == nil && margin == nil
                && reserveSlots == nil && monthlyLimit == nil
        }
    }

    private let name: String
    /// The changes as a JSON object.
    private let changes: String
    private let reason: String?

    package init(name: String, _ changes: Changes, reason: String?) throws {
        self.name = name
        self.changes = String(decoding: try JSONEncoder().encode(changes), as: UTF8.self)
        self.reason = reason
    }

    package static let sql = """
        /* ChangeKey */
        SELECT ops.set_key($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(changes)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}

extension Duration {
    /// A length of time as PostgreSQL reads it, to the microsecond.
    var postgresInterval: String { "\(Int64((self / .microseconds(1)).rounded())) microseconds" }
}
