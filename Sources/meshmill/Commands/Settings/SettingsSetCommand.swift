import ArgumentParser
import MeshmillCore
import MeshmillStore
import PostgresClient

/// The command `meshmill settings set NAME VALUE`.
struct SettingsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set a setting for every process; workers read it when they start.",
        discussion: "A changed margin is given to all keys at once, and their slots are rebuilt."
    )

    @Argument(help: "lease, request_deadline, grace or margin.")
    var name: Setting

    @Argument(help: "A length of time such as 30s, or default.")
    var value: String

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func validate() throws {
        guard value != "default" else { return }
        guard let time = DurationText.parse(value), name.allowed.contains(time) else {
            let least = DurationText.format(name.allowed.lowerBound)
            let most = DurationText.format(name.allowed.upperBound)
            throw ValidationError("\(name.rawValue) is a length of time from \(least) to \(most)")
        }
    }

    func run() async throws {
        let (name, reason) = (name, reason)
        let value = value == "default" ? nil : value
        try await Installation.with { installation in
            try await installation.act { connection in
                try await connection.execute(SetSetting(name: name.rawValue, value: value, reason: reason))
                guard name == .margin else { return }
                try await connection.execute(SetMargin(value.flatMap(DurationText.parse)))
            }
            try Output.line("\(name.rawValue) is \(value ?? name.standard)")
        }
    }
}
