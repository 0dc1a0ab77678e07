import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill tenants`: who asks, and which share each gets.
struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants",
        abstract: "Add, list and change tenants: who asks, and which share each gets.",
        subcommands: [
            TenantsAddCommand.self, AccountListCommand<Tenants>.self, AccountShowCommand<Tenants>.self,
            TenantsSetCommand.self, AccountPauseCommand<Tenants>.self, AccountResumeCommand<Tenants>.self,
        ]
    )
}

/// Tenants, as their commands show them.
enum Tenants: AccountKind {
    static let account = Account.tenant
    static let noun = "a tenant"
    static let pauseMeaning = "Submit none of the jobs of tenants; what is in flight goes on."
    static let columns: [Table.Column] = [
        .init(heading: "tenant", cuts: true), .init(heading: "status"), .init(heading: "pool", cuts: true),
        .init(heading: "weight", isNumber: true), .init(heading: "queued", isNumber: true),
        .init(heading: "later", isNumber: true), .init(heading: "in flight", isNumber: true),
        .init(heading: "month", isNumber: true),
    ]

    static func list(_ client: PostgresClient) async throws -> [AccountRow] {
        try await client.query(ListTenants()).map { tenant in
            let more = tenant.isCapped ? "+" : ""
            return AccountRow(
                name: tenant.name,
                fields: [
                    ("tenant", .string(tenant.name)), ("status", .string(tenant.status)),
                    ("pool", .string(tenant.pool)), ("weight", .double(tenant.weight)),
                    ("queued", .int(tenant.queued)), ("scheduled", .int(tenant.scheduled)),
                    ("in_flight", .int(tenant.inFlight)), ("capped", .bool(tenant.isCapped)),
                    ("max_queued", .optional(tenant.maxQueued)), ("monthly_budget", .optional(tenant.monthlyBudget)),
                    ("monthly_used", .int(tenant.monthlyUsed)), ("credits_reserved", .int(tenant.creditsReserved)),
                ],
                cells: [
                    tenant.name, tenant.status, tenant.pool, tenant.weight.formatted,
                    "\(tenant.queued)\(more)" + (tenant.maxQueued.map { " / \($0)" } ?? ""),
                    "\(tenant.scheduled)\(more)", "\(tenant.inFlight)\(more)",
                    tenant.monthlyBudget.map { "\(tenant.monthlyUsed) / \($0)" } ?? "\(tenant.monthlyUsed)",
                ]
            )
        }
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var formatted: String { self == rounded() && magnitude < 1e15 ? "\(Int64(self))" : "\(self)" }
}
