import Glibc
import Logging
package import PostgresClient

/// Runs `body` with a database of its own, which is dropped afterwards.
///
/// The databases live on the server of `MESHMILL_TEST_DATABASE_URL` (a superuser's URL), or else on a throwaway server
/// that this process starts once and stops at its end.
///
/// `template` names a state that many tests start from. The first test that asks for it has `prepare` build it in a
/// database of that name; every test gets a copy, which takes some 30 ms however long `prepare` took. `prepare` must
/// leave no connection open. Without a template the database is empty.
package func withTestDatabase<T>(
    template: String? = nil,
    prepare: @escaping @Sendable (_ connectionString: String) async throws -> Void = { _ in },
    _ body: (_ connectionString: String) async throws -> T
) async throws -> T {
    let server = try await TestServer.shared.start()
    var templateDatabase = "template1"
    if let template { templateDatabase = try await TestServer.shared.template(template, on: server, prepare: prepare) }
    let database = TestServer.uniqueName()
    try await server.run("CREATE DATABASE \(database) TEMPLATE \(templateDatabase)")
    do {
        let value = try await body(server.connectionString(database: database))
        try await server.run("DROP DATABASE \(database) WITH (FORCE)")
        return value
    } catch {
        try? await server.run("DROP DATABASE \(database) WITH (FORCE)")
        throw error
    }
}

/// Runs `body` with a client of a database of its own; see `withTestDatabase`.
package func withTestClient<T>(
    maximumConnections: Int = 8,
    _ body: (PostgresClient) async throws -> T
) async throws -> T {
    try await withTestDatabase { connectionString in
        var configuration = PostgresConfiguration(connectionString: connectionString)
        configuration.maximumConnections = maximumConnections
        let client = PostgresClient(configuration: configuration, logger: Logger(label: "test"))
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }
}
