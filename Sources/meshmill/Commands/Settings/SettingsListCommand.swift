import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill settings list`.
struct SettingsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the settings.")

    @Flag(help: "Write a JSON array.")
    var json = false

    func run() async throws {
        let json = json
        try await Installation.with { installation in
            let stored = try await installation.client.query(ListSettings())
            let variables = installation.environment.variables
            var table = Table([
                .init(heading: "name"), .init(heading: "value"), .init(heading: "default"), .init(heading: "from"),
                .init(heading: "meaning", cuts: true),
            ])
            var objects: [JSONValue] = []
            for setting in Setting.allCases {
                let value = stored.first { $0.name == setting.rawValue }?.value
                let override = setting.variable.flatMap { variables[$0] }
                let source = override != nil ? setting.variable ?? "" : value != nil ? "settings" : "default"
                table.add([
                    setting.rawValue, override ?? value ?? setting.standard, setting.standard, source, setting.meaning,
                ])
                objects.append(
                    .object([
                        ("name", .string(setting.rawValue)), ("value", .optional(override ?? value)),
                        ("default", .string(setting.standard)), ("from", .string(source)),
                        ("meaning", .string(setting.meaning)),
                    ])
                )
            }
            if json { try Output.line(JSONValue.array(objects).text) } else { try table.write() }
        }
    }
}
