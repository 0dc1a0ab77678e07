import Foundation
package import Logging
import MeshmillStore
import PostgresClient
import PrivatePostgres

/// Where cases are measured: a folder and a server of their own, with a database for each need.
///
/// The server is durable as in production (fsync and synchronous_commit on), and gone afterwards. Its data lies in
/// `/var/tmp`, since `/tmp` may lie in memory, where fsync costs nothing.
package struct Workbench: Sendable {
    package let settings: BenchSettings
    /// Absolute path of a folder for files, removed afterwards.
    package let folder: String
    let logger: Logger
    let server: ConnectionString

    /// Sets the bench up, runs `body`, and takes everything down.
    package static func with<Value>(
        _ settings: BenchSettings,
        logger: Logger,
        _ body: (Workbench) async throws -> Value
    ) async throws -> Value {
        let folder = "/var/tmp/meshmill-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        // The server's account can enter its home, so that also a bench of root's has its data there, to be removed with it.
        try FileManager.default.createDirectory(
            atPath: folder + "/server",
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if let url = settings.databaseURL {
            let bench = Workbench(
                settings: settings,
                folder: folder,
                logger: logger,
                server: try ConnectionString(url)
            )
            return try await body(bench)
        }
        let session = try await PrivatePostgres(home: folder + "/server", logger: logger).start()
        do {
            let server = try ConnectionString(session.superuserConnectionString)
            let bench = Workbench(settings: settings, folder: folder, logger: logger, server: server)
            try await bench.sizeServer()
            let value = try await body(bench)
            try await session.stop()
            return value
        } catch {
            try? await Task { try await session.stop() }.value
            throw error
        }
    }

    /// Checkpoints in mid-measurement would say more about their timing than about what is measured.
    private func sizeServer() async throws {
        try await withConnection(to: server.conninfo(database: "postgres")) { connection in
            _ = try await connection.simpleQuery("ALTER SYSTEM SET max_wal_size = '8GB'")
            try await connection.simpleQuery("ALTER SYSTEM SET checkpoint_timeout = '30min'")
            try await connection.simpleQuery("SELECT pg_reload_conf()")
        }
    }

    /// Runs `body` with the connection string of a new database, which is dropped afterwards.
    package func withDatabase<Value>(
        isMigrated: Bool = true,
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let name = "meshmill_bench_\(getpid())_\(UInt32.random(in: 0 ... .max))"
        let control = server.conninfo(database: "postgres")
        try await sql("CREATE DATABASE \(name)", on: control)
        let connectionString = server.conninfo(database: name)
        do {
            if isMigrated {
                let client = client(connectionString)
                _ = try await Migrator(client).migrate()
                await client.close()
            }
            let value = try await body(connectionString)
            try await sql("DROP DATABASE \(name) WITH (FORCE)", on: control)
            return value
        } catch {
            // Also for a task that was cancelled.
            _ = try? await Task { try await sql("DROP DATABASE \(name) WITH (FORCE)", on: control) }.value
            throw error
        }
    }

    /// A client that the caller closes.
    func client(_ connectionString: String, connections: Int = 6) -> PostgresClient {
        var configuration = PostgresConfiguration(connectionString: connectionString)
        configuration.maximumConnections = connections
        return PostgresClient(configuration: configuration, logger: logger)
    }

    /// A connection outside of any pool, for the length of `body`.
    func withConnection<Value>(
        to connectionString: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            configuration: PostgresConfiguration(connectionString: connectionString),
            logger: logger
        )
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Runs SQL on a connection of its own and returns its rows as text.
    @discardableResult
    func sql(_ text: String, on connectionString: String) async throws -> [[String?]] {
        try await withConnection(to: connectionString) { connection in
            try await connection.simpleQuery(text, timeout: .seconds(3_600)).rows
        }
    }

    func say(_ text: String) { settings.progress(text) }
}
