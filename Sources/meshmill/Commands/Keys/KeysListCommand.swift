import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill keys list`: all keys, with what each may do now.
struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys.")

    @Flag(help: "List removed keys as well.")
    var all = false

    @Flag(help: "Write a JSON array.")
    var json = false

    func run() async throws {
        let (all, json) = (all, json)
        try await Installation.with { installation in
            var page = ListKeys(includesRemoved: all)
            var keys: [KeyOverview] = []
            repeat {
                let rows = try await installation.client.query(page)
                keys += rows
                page.after = rows.count == page.limit ? rows.last?.name : nil
            } while page.after != nil
            if json {
                try Output.line(JSONValue.array(keys.map { .object($0.fields) }).text)
            } else if keys.isEmpty {
                try Output.line("no keys; add some with: meshmill keys import FILE")
            } else {
                try KeyTable(keys).write()
            }
        }
    }
}
