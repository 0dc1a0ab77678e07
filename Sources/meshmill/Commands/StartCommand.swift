import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill start`: turns the switch back on.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Allow POSTs again after stop.")

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let reason = reason
        try await Installation.with { installation in
            let rows = try await installation.act { try await $0.query(SetSubmitting(true, reason: reason)) }
            try Output.line(rows.first == true ? "submitting is started" : "submitting was started already")
        }
    }
}
