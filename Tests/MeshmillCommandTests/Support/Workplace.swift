import Foundation
import Logging
import MeshmillStore
import PostgresClient
import Subprocess
import TestDatabase

/// A folder and a database for one test, and the built program to run in them.
struct Workplace: Sendable {
    /// Absolute path of the folder; the program's working directory.
    let folder: String
    let databaseURL: String

    /// The program that the package has just built, beside the tests.
    static let program = URL(filePath: CommandLine.arguments[0])
        .deletingLastPathComponent().appending(path: "meshmill").path(percentEncoded: false)

    /// Runs `body` with a folder and a database of its own.
    ///
    /// - Parameters:
    ///   - isMigrated: false for an empty database.
    ///   - body: the test.
    /// - Throws: what `body` throws, or what keeps it from starting.
    static func with(isMigrated: Bool = true, _ body: (Workplace) async throws -> Void) async throws {
        let folder = "/tmp/meshmill-commands-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard isMigrated else {
            return try await withTestDatabase { connectionString in
                try await body(Workplace(folder: folder, databaseURL: connectionString))
            }
        }
        try await withTestDatabase(
            template: "commands",
            prepare: { connectionString in
                let client = client(connectionString)
                _ = try await Migrator(client).migrate()
                await client.close()
            },
            { connectionString in
                try await body(Workplace(folder: folder, databaseURL: connectionString))
            }
        )
    }

    private static func client(_ connectionString: String) -> PostgresClient {
        PostgresClient(
            configuration: PostgresConfiguration(connectionString: connectionString),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - input: what it reads from standard input.
    ///   - environment: variables beside those of the workplace; an empty value takes one away.
    /// - Returns: what it wrote.
    /// - Throws: `SubprocessError` if it cannot be started.
    func run(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:]
    ) async throws
        -> CommandResult
    {
        try await run(arguments, input: input, environment: environment)
    }

    func run(_ arguments: [String], input: String, environment: [String: String]) async throws -> CommandResult {
        var variables = [
            "PATH": "/usr/bin:/bin", "DATABASE_URL": databaseURL, "MESHMILL_HOME": "\(folder)/home",
            "MESHMILL_ACTOR": "tester",
        ]
        variables.merge(environment) { $1 }
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(["--chdir=\(folder)", Self.program] + arguments),
            environment: .custom(
                Dictionary(
                    uniqueKeysWithValues: variables.filter { !$0.value.isEmpty }
                        .map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) }
                )
            ),
            input: .string(input),
            output: .string(limit: 16 << 20),
            error: .string(limit: 1 << 20)
        )
        return CommandResult(
            status: Self.number(result.terminationStatus),
            output: result.standardOutput,
            messages: result.standardError
        )
    }

    /// The exit status, or 128 and the signal's number, as a shell tells it.
    static func number(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    /// Writes a file below the folder, with the folders above it.
    func write(_ path: String, _ content: some Sequence<UInt8>) throws {
        let url = URL(filePath: "\(folder)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
    }

    /// Runs SQL and returns its rows as text, columns separated by `|`.
    @discardableResult
    func sql(_ text: String) async throws -> [String] {
        let client = Self.client(databaseURL)
        do {
            let rows = try await client.withConnection { try await $0.simpleQuery(text).rows }
            await client.close()
            return rows.map { $0.map { $0 ?? "" }.joined(separator: "|") }
        } catch {
            await client.close()
            throw error
        }
    }
}
