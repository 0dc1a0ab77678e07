import ArgumentParser
import MeshmillCore
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// The commands `meshmill orgs add NAME` and `pools add NAME`.
struct AccountAddCommand<Kind: AccountKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "add", abstract: "Add \(Kind.noun).")
    }

    @Argument(help: "Its name.")
    var name: String

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let statement = AddAccount(Kind.account, name: name, reason: reason)
        try await Installation.with { installation in
            _ = try await installation.act { try await $0.query(statement) }
            try Output.line("\(Kind.account.rawValue) \(OneLine.text(statement.name)) added")
        }
    }
}

/// The commands `meshmill orgs set NAME` and `pools set NAME`: another name.
struct AccountSetCommand<Kind: AccountKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "set", abstract: "Give \(Kind.noun) another name.")
    }

    @Argument(help: "Its name.")
    var name: String

    @Option(name: .customLong("name"), help: "The new name.")
    var newName: String

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        var changes = AccountChanges()
        changes.name = newName
        try await changes.apply(to: Kind.account, name: name, reason: reason)
    }
}

extension AccountChanges {
    /// Makes the changes, and says so.
    ///
    /// - Throws: ``Failure`` with exit 64 if another one has the new name; `PostgresError`.
    func apply(to account: Account, name: String, reason: String?) async throws {
        let statement = try ChangeAccount(account, name: name, self, reason: reason)
        let newName = self.name ?? name
        try await Installation.with { installation in
            do {
                _ = try await installation.act { try await $0.query(statement) }
            } catch let error as PostgresError where error.sqlState == .uniqueViolation {
                throw Failure(.usage, "another \(account.rawValue) is called \(newName); choose another name")
            }
            try Output.line("\(account.rawValue) \(OneLine.text(newName)) changed")
        }
    }
}
