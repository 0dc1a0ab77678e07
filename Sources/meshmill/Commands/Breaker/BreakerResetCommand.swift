import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill breaker reset`.
struct BreakerResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Close the breaker at once: POSTs go out as the windows allow."
    )

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let reason = reason
        try await Installation.with { installation in
            let rows = try await installation.act { try await $0.query(ResetBreaker(reason: reason)) }
            try Output.line(rows.first == true ? "the breaker is closed" : "the breaker was closed already")
        }
    }
}
