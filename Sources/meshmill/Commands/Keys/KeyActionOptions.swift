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
    func act(_ action: Action, for pause: Duration? = nil, in installation: Installation) async throws {
        let client = installation.client
        for name in names {
            let key = try await client.query(ListKeys(name: name)).first
            guard let key else { throw KeyError.unknownKey(name) }
            if isDryRun { try Output.line("\(OneLine.text(name)) is \(key.status); would \(action.verb) it") }
        }
        if isDryRun { return }
        let statuses = try await installation.act { connection in
            var statuses: [(name: String, status: String)] = []
            // In one order, so that two people who change the same keys do not wait for each other in a ring.
            for name in Set(names).sorted() {
                statuses.append((name, try await change(name, action, for: pause, on: connection)))
            }
            return statuses
        }
        for (name, status) in statuses {
            let hold = try await hold(of: name, after: action, in: installation)
            try Output.line("\(OneLine.text(name)) is \(status)\(hold)")
        }
    }

    /// What keeps a resumed key from sending for a while; empty if nothing does.
    private func hold(of name: String, after action: Action, in installation: Installation) async throws -> String {
        guard case .set(.resume) = action, let key = try await installation.client.query(ListKeys(name: name)).first,
            let until = key.blockedUntil, until > key.now
        else { return "" }
        return ", and held until \(until.short): see meshmill keys show \(OneLine.text(name))"
    }

    private func change(
        _ name: String,
        _ action: Action,
        for pause: Duration?,
        on connection: PostgresConnection
    ) async throws -> String {
        guard case .set(let action) = action else {
            return try await connection.query(RemoveKey(name: name, reason: reason)).first ?? ""
        }
        var statement = ActOnKey(action, name: name, reason: reason)
        if let pause { statement.until = try await connection.query(ReadClock()).first?.advanced(by: pause) }
        return try await connection.query(statement).first ?? ""
    }

    /// What is done to the keys.
    enum Action {
        case set(ActOnKey.Action)
        case remove

        /// After "would".
        var verb: String {
            switch self {
            case .set(let action): action.rawValue
            case .remove: "remove"
            }
        }
    }
}
