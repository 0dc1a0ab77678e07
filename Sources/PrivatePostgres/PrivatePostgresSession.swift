/// The use of a private server by this process.
package final class PrivatePostgresSession: Sendable {
    private let server: PrivateServer
    private let control: FileLock
    /// Held shared from start to stop.
    ///
    /// If this object is dropped or the process dies, the kernel lets go of it.
    private let users: FileLock

    init(server: PrivateServer, control: FileLock, users: FileLock) {
        self.server = server
        self.control = control
        self.users = users
    }

    /// The conninfo of the database `meshmill` for its owner, the role `meshmill`.
    package var connectionString: String { server.connectionString(user: "meshmill", database: "meshmill") }

    /// The conninfo of the database `postgres` for the cluster's superuser.
    package var superuserConnectionString: String {
        server.connectionString(user: "postgres", database: "postgres")
    }

    /// Ends this process's use; stops the server if no other process uses it.
    ///
    /// Connections must be closed before: those left open are cut if the server stops.
    ///
    /// - Throws: `PrivatePostgresError`; `CancellationError` with the server left running.
    package func stop() async throws {
        try await control.waitExclusive(timeout: .seconds(120))
        defer { control.unlock() }
        users.unlock()
        guard users.tryExclusive() else { return }
        defer { users.unlock() }
        try await server.stop()
    }
}
