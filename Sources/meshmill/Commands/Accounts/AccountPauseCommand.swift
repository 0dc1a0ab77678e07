import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// The commands `meshmill tenants pause NAME…`, `orgs pause NAME…` and `pools pause NAME…`.
struct AccountPauseCommand<Kind: AccountKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "pause", abstract: Kind.pauseMeaning)
    }

    @OptionGroup var options: AccountPauseOptions<Kind>

    func run() async throws { try await options.run(isPaused: true) }
}

/// The commands `meshmill tenants resume NAME…`, `orgs resume NAME…` and `pools resume NAME…`.
struct AccountResumeCommand<Kind: AccountKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "resume", abstract: "End the pause of \(Kind.account.rawValue)s.")
    }

    @OptionGroup var options: AccountPauseOptions<Kind>

    func run() async throws { try await options.run(isPaused: false) }
}

/// What pausing and resuming share: names, a reason, and a rehearsal.
struct AccountPauseOptions<Kind: AccountKind>: ParsableArguments {
    @Argument(help: "Names.")
    var names: [String]

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only say what would change.")
    var isDryRun = false

    /// Changes all of them in one transaction, or none.
    func run(isPaused: Bool) async throws {
        let (names, reason, isDryRun) = (Set(names).sorted(), reason, isDryRun)
        let status = isPaused ? "paused" : "active"
        try await Installation.with { installation in
            try await installation.act(keeping: !isDryRun) { connection in
                for name in names {
                    _ = try await connection.query(
                        SetAccountPaused(Kind.account, name: name, isPaused: isPaused, reason: reason)
                    )
                }
            }
            for name in names {
                try Output.line(
                    "\(Kind.account.rawValue) \(OneLine.text(name)) \(isDryRun ? "would be" : "is") \(status)"
                )
            }
        }
    }
}
