import ArgumentParser
import MeshmillStore

/// The commands `meshmill tenants list`, `orgs list` and `pools list`.
struct AccountListCommand<Kind: AccountKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: "List the \(Kind.account.rawValue)s by name.")
    }

    @Flag(help: "Write a JSON array.")
    var json = false

    func run() async throws {
        let json = json
        try await Installation.with { installation in
            let rows = try await Kind.list(installation.client)
            if json { return try Output.line(JSONValue.array(rows.map { .object($0.fields) }).text) }
            guard !rows.isEmpty else { return try Output.line("no \(Kind.account.rawValue)s") }
            var table = Table(Kind.columns)
            for row in rows { table.add(row.cells) }
            try table.write()
        }
    }
}

/// The commands `meshmill tenants show NAME`, `orgs show NAME` and `pools show NAME`.
struct AccountShowCommand<Kind: AccountKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: "Show one \(Kind.account.rawValue).")
    }

    @Argument(help: "Its name.")
    var name: String

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let (name, json) = (name, json)
        try await Installation.with { installation in
            guard let row = try await Kind.list(installation.client).first(where: { $0.name == name }) else {
                throw Failure.noAccount(Kind.account, name)
            }
            try Output.record(row.fields, json: json)
        }
    }
}
