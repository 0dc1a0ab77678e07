import MeshmillStore
import PostgresClient

/// Tenants, orgs or pools: what their commands have in common.
protocol AccountKind: SendableMetatype {
    static var account: Account { get }
    /// What one is, for people.
    static var noun: String { get }
    /// What pausing one does.
    static var pauseMeaning: String { get }

    /// All of them by name: the fields that programs read, and the cells of ``columns``.
    static func list(_ client: PostgresClient) async throws -> [AccountRow]
    static var columns: [Table.Column] { get }
}

/// One tenant, org or pool as it is listed.
struct AccountRow {
    let name: String
    let fields: [(String, JSONValue)]
    let cells: [String]
}
