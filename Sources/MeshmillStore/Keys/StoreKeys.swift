import FoundationEssentials
import PostgresClient

/// Adds keys, or updates those whose ids are known, with their slots and the audit log.
struct StoreKeys: Statement {
    /// One key; what is nil keeps its value, or takes its default on a new key.
    struct Key: Sendable, Encodable {
        var id: Int64
        var name: String?
        var org: String?
        var pool: String?
        var rateLimit: Int?
        /// Lengths of time as PostgreSQL's intervals.
        var rateWindow: String?
        var margin: String?
        var reserveSlots: Int?
        var monthlyLimit: Int64?
        var usedRecently: Bool
        var fingerprint: String
        var masterKeyID: String
        /// Hexadecimal.
        var sealed: String

        enum CodingKeys: String, CodingKey {
            case id, name, org, pool, margin, fingerprint, sealed
            case rateLimit = "rate_limit"
            case rateWindow = "rate_window"
            case reserveSlots = "reserve_slots"
            case monthlyLimit = "monthly_limit"
            case usedRecently = "used_recently"
            case masterKeyID = "master_key_id"
        }
    }

    struct Row: Sendable {
        var name: String
        var isNew: Bool
    }

    /// The keys as a JSON array.
    private let keys: String
    private let reason: String?

    init(_ keys: [Key], reason: String?) throws {
        self.keys = String(decoding: try JSONEncoder().encode(keys), as: UTF8.self)
        self.reason = reason
    }

    static let sql = """
        /* StoreKeys */
        SELECT name, is_new
        FROM meshmill.store_keys($1, $2)
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(keys)
        parameters.append(reason)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(name: try row.next(), isNew: try row.next())
    }
}
