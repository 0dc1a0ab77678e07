import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill pools`: which keys go with which tenants.
struct PoolsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pools",
        abstract: "Add, list and pause pools: sets of keys with the tenants that may use them.",
        discussion: "Move keys with keys set KEY --pool POOL, and tenants with tenants set TENANT --pool POOL.",
        subcommands: [
            AccountAddCommand<Pools>.self, AccountListCommand<Pools>.self, AccountShowCommand<Pools>.self,
            AccountSetCommand<Pools>.self, AccountPauseCommand<Pools>.self, AccountResumeCommand<Pools>.self,
        ]
    )
}

/// Pools, as their commands show them.
enum Pools: AccountKind {
    static let account = Account.pool
    static let noun = "a pool of keys"
    static let pauseMeaning = "Send no new POST with any key of pools; what is in flight goes on."
    static let columns: [Table.Column] = [
        .init(heading: "pool", cuts: true), .init(heading: "status"), .init(heading: "keys", isNumber: true),
        .init(heading: "active", isNumber: true), .init(heading: "tenants", isNumber: true),
        .init(heading: "next post"),
    ]

    static func list(_ client: PostgresClient) async throws -> [AccountRow] {
        guard let now = try await client.query(ReadClock()).first else { return [] }
        return try await client.query(ListPools()).map { pool in
            AccountRow(
                name: pool.name,
                fields: [
                    ("pool", .string(pool.name)), ("status", .string(pool.status)), ("keys", .int(pool.keys)),
                    ("active_keys", .int(pool.activeKeys)), ("tenants", .int(pool.tenants)),
                    ("next_post_at", .time(pool.nextPostAt)),
                ],
                cells: [
                    pool.name, pool.status, "\(pool.keys)", "\(pool.activeKeys)", "\(pool.tenants)",
                    pool.nextPostAt?.ahead(of: now) ?? "",
                ]
            )
        }
    }
}
