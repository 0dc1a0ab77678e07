import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill stop`: the switch that every worker obeys.
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Send no new POST anywhere, within two seconds; polls and downloads go on."
    )

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let reason = reason
        try await Installation.with { installation in
            let rows = try await installation.act { try await $0.query(SetSubmitting(false, reason: reason)) }
            try Output.line(rows.first == true ? "submitting is stopped" : "submitting was stopped already")
        }
    }
}
