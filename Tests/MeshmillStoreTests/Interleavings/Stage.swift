import Foundation
import Logging
import MeshmillStore
import PostgresClient
import TestDatabase

/// A database whose content can be put back, and a connection that watches the sessions.
struct Stage {
    let yard: Yard
    private let connectionString: String
    private let watcher: PostgresConnection

    private static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Makes a database of its own and runs `body`.
    static func with(_ body: (Stage) async throws -> Void) async throws {
        let prepare: @Sendable (String) async throws -> Void = { connectionString in
            let client = StoreTestDatabase.client(connectionString)
            _ = try await Migrator(client).migrate()
            _ = try await client.withConnection { try await $0.simpleQuery(StageSQL.text) }
            await client.close()
        }
        try await withTestDatabase(template: "interleavings", prepare: prepare) { connectionString in
            let client = StoreTestDatabase.client(connectionString)
            let watcher = try await connect(connectionString)
            // Putting the content back is not an event: no trigger, no foreign key.
            try await watcher.simpleQuery("SET session_replication_role = replica")
            let stage = Stage(yard: Yard(client: client), connectionString: connectionString, watcher: watcher)
            let result = await Result(catching: { try await body(stage) })
            await watcher.close()
            await client.close()
            try result.get()
        }
    }

    private static func connect(_ connectionString: String) async throws -> PostgresConnection {
        let configuration = PostgresConfiguration(connectionString: connectionString)
        return try await PostgresConnection.connect(configuration: configuration, logger: logger)
    }

    /// Opens sessions, runs `body` with them and closes them.
    func withSessions<T>(_ count: Int, _ body: ([Session]) async throws -> T) async throws -> T {
        var sessions: [Session] = []
        defer { for session in sessions { session.close() } }
        for _ in 0..<count { sessions.append(try await Session(try await Self.connect(connectionString))) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for session in sessions { group.addTask { await session.serve() } }
            defer { for session in sessions { session.close() } }
            return try await body(sessions)
        }
    }

    /// Remembers the content of all tables, and the time.
    func save() async throws {
        try await watcher.simpleQuery("SELECT interleaving.save()")
    }

    /// Puts the remembered content and time back.
    func restore() async throws {
        try await watcher.simpleQuery("SELECT interleaving.restore()")
    }

    /// What the tables say now, and which rules they break.
    func look() async throws -> (outcome: String, violations: [String]) {
        let outcome = try await watcher.simpleQuery("SELECT interleaving.outcome()").rows
        let violations = try await watcher.simpleQuery("SELECT interleaving.violations()").rows
        return (outcome.first?.first.flatMap { $0 } ?? "", violations.compactMap { $0.first ?? nil })
    }

    /// Whether each of these sessions waits for a lock that another one of ours holds.
    func areWaiting(_ sessions: [Session], among all: [Session]) async throws -> Bool {
        func list(_ sessions: [Session]) -> String {
            "'{\(sessions.map { "\($0.processID)" }.joined(separator: ","))}'::integer[]"
        }
        let rows = try await watcher.simpleQuery(
            "SELECT bool_and(pg_blocking_pids(s.pid) && \(list(all))) FROM unnest(\(list(sessions))) AS s (pid)"
        ).rows
        return rows.first?.first == "t"
    }
}

extension Result where Failure == any Error {
    /// What `body` returns or throws.
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
