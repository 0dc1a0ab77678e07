import Foundation
import PrivatePostgres

/// A PostgreSQL of one test's own, to be stopped and started while workers use it.
actor StoppableServer {
    nonisolated let connectionString: String
    private let postgres: PrivatePostgres
    private var session: PrivatePostgresSession?

    private init(_ postgres: PrivatePostgres, _ session: PrivatePostgresSession) {
        self.postgres = postgres
        self.session = session
        connectionString = session.connectionString
    }

    /// Runs `body` with a server that is gone afterwards.
    static func with(_ body: (StoppableServer) async throws -> Void) async throws {
        let home = "/tmp/meshmill-outage-\(UUID().uuidString.prefix(8))"
        // The server's account has to get in, also when the tests run as root.
        try FileManager.default.createDirectory(
            atPath: home,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        defer { try? FileManager.default.removeItem(atPath: home) }
        let postgres = PrivatePostgres(home: home, durability: .throwaway, logger: Mill.logger)
        let server = StoppableServer(postgres, try await postgres.start())
        do {
            try await body(server)
            try await server.stop()
        } catch {
            try? await server.stop()
            throw error
        }
    }

    /// Stops it as an administrator would: every connection is cut.
    func stop() async throws {
        try await session?.stop()
        session = nil
    }

    func start() async throws {
        session = try await postgres.start()
    }
}
