import ArgumentParser
import MeshmillCore
import MeshmillStore
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

/// `meshmill keys pause NAME…`
struct KeysPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Send no new POST with these keys; generations under way go on.")

    @OptionGroup var options: KeyActionOptions

    @Option(name: .customLong("for"), help: "How long, such as 2h. (default: until resumed)")
    var length: LengthOfTime?

    func run() async throws {
        let (options, length) = (options, length)
        try await Installation.with { try await options.act(.pause, for: length?.duration, in: $0) }
    }
}

/// `meshmill keys resume NAME…`
struct KeysResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Use paused, draining, parked or disabled keys again.")

    @OptionGroup var options: KeyActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.resume, in: $0) }
    }
}

/// `meshmill keys drain NAME…`
struct KeysDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Let keys run dry before they are removed: no new POST.")

    @OptionGroup var options: KeyActionOptions

    func run() async throws {
        let options = options
        try await Installation.with { try await options.act(.drain, in: $0) }
    }
}

/// `meshmill keys remove NAME…`
struct KeysRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take keys out of use for good; their history stays.",
        discussion: "Generations under way are brought home. Importing the secret again brings the key back."
    )

    @OptionGroup var options: KeyActionOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let options = options
        if !options.isDryRun {
            try Confirmation.beforeLoss("Remove \(options.names.count) keys?", isConfirmed: yes)
        }
        try await Installation.with { try await options.act(.remove, in: $0) }
    }
}
