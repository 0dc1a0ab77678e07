import ArgumentParser
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// What `keys pause`, `resume`, `drain` and `remove` share: names, a reason, and the change of each key's status.
struct KeyActionOptions: ParsableArguments {
    @Argument(help: "Names of keys.")
    var names: [String]

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Only say which keys would change.")
    var isDryRun = false

    /// Changes all the keys in one transaction, or none.
    func act(_ action: ActOnKey.Action, for pause: Duration? = nil, in installation: Installation) async throws {
        let client = installation.client
        for name in names {
            let key = try await client.query(ListKeys(name: name)).first
            guard let key else { throw KeyError.unknownKey(name) }
            if isDryRun { try Output.line("\(OneLine.text(name)) is \(key.status); would \(action.rawValue) it") }
        }
        if isDryRun { return }
        let statuses = try await installation.act { connection in
            var statuses: [(name: String, status: String)] = []
            // In one order, so that two people who change the same keys do not wait for each other in a ring.
            for name in Set(names).sorted() {
                var statement = ActOnKey(action, name: name, reason: reason)
                if let pause { statement.until = try await connection.query(ReadClock()).first?.advanced(by: pause) }
                statuses.append((name, try await connection.query(statement).first ?? ""))
            }
            return statuses
        }
        for (name, status) in statuses { try Output.line("\(OneLine.text(name)) is \(status)") }
    }
}
