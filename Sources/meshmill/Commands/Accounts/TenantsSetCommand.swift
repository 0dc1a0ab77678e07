import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// The command `meshmill tenants add NAME`.
struct TenantsAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a tenant.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var settings: TenantSettingOptions

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let name = name
        let statement = try AddTenant(name, settings.changes, reason: reason)
        try await Installation.with { installation in
            _ = try await installation.act { try await $0.query(statement) }
            try Output.line("tenant \(OneLine.text(name)) added")
        }
    }
}

/// The command `meshmill tenants set NAME`: acts on what waits at once.
struct TenantsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a tenant's settings; what waits follows at once.",
        discussion: "What is not given stays."
    )

    @Argument(help: "Its name.")
    var name: String

    @Option(name: .customLong("name"), help: "A new name.")
    var newName: String?

    @OptionGroup var settings: TenantSettingOptions

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func validate() throws {
        guard newName != nil || !settings.changes.isEmpty else { throw ValidationError("nothing is to be changed") }
    }

    func run() async throws {
        var changes = settings.changes
        changes.name = newName
        try await changes.apply(to: .tenant, name: name, reason: reason)
    }
}

/// The settings of a tenant that `tenants add` and `tenants set` share.
struct TenantSettingOptions: ParsableArguments {
    @Option(help: "The pool whose keys its jobs use. (default: default)")
    var pool: String?

    @Option(help: "Its share of the slots while others wait too. (default: 1)")
    var weight: Double?

    @Option(help: "Most credits a month, or none.")
    var monthlyBudget: MonthlyLimit?

    @Option(help: "Most jobs that may wait at once, or none; a submission beyond it is refused.")
    var maxQueued: MonthlyLimit?

    func validate() throws {
        guard weight.map({ $0 > 0 && $0 < 1e6 }) ?? true else {
            throw ValidationError("--weight is not above 0 and below 1000000")
        }
        guard maxQueued?.credits != 0 else { throw ValidationError("--max-queued must be at least 1; or pause it") }
    }

    /// As the store takes them.
    var changes: AccountChanges {
        var changes = AccountChanges()
        changes.pool = pool
        changes.weight = weight
        changes.monthlyBudget = monthlyBudget.map { $0.credits.map(AccountChanges.Bound.number) ?? .none }
        changes.maxQueued = maxQueued.map { $0.credits.map(AccountChanges.Bound.number) ?? .none }
        return changes
    }
}
