import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill keys show NAME`: one key in full.
struct KeysShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one key.")

    @Argument(help: "The key's name.")
    var name: String

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let (name, json) = (name, json)
        try await Installation.with { installation in
            let statement = ListKeys(name: name, includesRemoved: true)
            // Of several removed ones with the name, and the one in use, that one comes last.
            guard let key = try await installation.client.query(statement).last else { throw KeyError.unknownKey(name) }
            try Output.record(key.fields, json: json)
        }
    }
}
