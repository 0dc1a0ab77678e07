import ArgumentParser
import MeshmillStore
import PostgresClient

/// `meshmill breaker show`.
struct BreakerShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the breaker.")

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let json = json
        try await Installation.with { installation in
            guard let breaker = try await installation.client.query(ReadBreaker()).first else {
                throw Failure(.internalError, "the breaker's row is gone from meshmill.breaker")
            }
            try Output.record(breaker.fields, json: json)
        }
    }
}
