import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill orgs`: the accounts at the provider.
struct OrgsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orgs",
        abstract: "Add, list and pause accounts at the provider, whose credits keys share.",
        subcommands: [
            AccountAddCommand<Orgs>.self, AccountListCommand<Orgs>.self, AccountShowCommand<Orgs>.self,
            AccountSetCommand<Orgs>.self, AccountPauseCommand<Orgs>.self, AccountResumeCommand<Orgs>.self,
        ]
    )
}

/// Orgs, as their commands show them.
enum Orgs: AccountKind {
    static let account = Account.org
    static let noun = "an account at the provider"
    static let pauseMeaning = "Send no new POST with any key of accounts; what is in flight goes on."
    static let columns: [Table.Column] = [
        .init(heading: "org", cuts: true), .init(heading: "status"), .init(heading: "keys", isNumber: true),
        .init(heading: "credits", isNumber: true), .init(heading: "reserved", isNumber: true),
        .init(heading: "as of"), .init(heading: "reason", cuts: true),
    ]

    static func list(_ client: PostgresClient) async throws -> [AccountRow] {
        try await client.query(ListOrgs()).map { org in
            AccountRow(
                name: org.name,
                fields: [
                    ("org", .string(org.name)), ("status", .string(org.status)), ("reason", .optional(org.reason)),
                    ("keys", .int(org.keys)), ("credits_remaining", .optional(org.creditsRemaining)),
                    ("credits_reserved", .int(org.creditsReserved)),
                    ("credits_observed_at", .time(org.creditsObservedAt)), ("parked_until", .time(org.parkedUntil)),
                ],
                cells: [
                    org.name, org.status, "\(org.keys)", org.creditsRemaining.map(String.init) ?? "not known",
                    "\(org.creditsReserved)", org.creditsObservedAt?.short ?? "", org.reason ?? "",
                ]
            )
        }
    }
}
