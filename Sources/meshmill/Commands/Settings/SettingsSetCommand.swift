import ArgumentParser
import MeshmillCore
import MeshmillStore
import PostgresClient

/// The command `meshmill settings set NAME VALUE`.
struct SettingsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set a setting for every process; workers read it when they start.",
        discussion: """
            A changed margin or window model is given to all keys at once, and their slots are rebuilt. window_model is \
            slots, paced or strict to pin it, or auto to learn it anew from 429s, beginning with slots; key_policy is \
            largest-remaining, even or fill-first.
            """
    )

    @Argument(help: "\(Setting.allCases.map(\.rawValue).joined(separator: ", ")).")
    var name: Setting

    @Argument(help: "A length of time such as 30s, a word, or default.")
    var value: String

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func validate() throws {
        guard value != "default" else { return }
        if let problem = name.problem(with: value) { throw ValidationError(problem) }
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
