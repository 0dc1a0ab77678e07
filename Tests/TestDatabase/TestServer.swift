import FoundationEssentials
import Glibc
import Logging
import PostgresClient
import PrivatePostgres
import Synchronization

/// The server all tests of this process share, and the templates made on it.
actor TestServer {
    static let shared = TestServer()

    /// How to reach the server as superuser.
    struct Address: Sendable {
        let string: ConnectionString

        func connectionString(database: String) -> String { string.conninfo(database: database) }

        /// Runs SQL on a database, by default on `postgres`.
        func run(_ sql: String, on database: String = "postgres") async throws {
            let configuration = PostgresConfiguration(connectionString: connectionString(database: database))
            let connection = try await PostgresConnection.connect(
                configuration: configuration,
                logger: Logger(label: "test")
            )
            do {
                try await connection.simpleQuery(sql)
            } catch {
                await connection.close()
                throw error
            }
            await connection.close()
        }
    }

    private static let counter = Atomic<Int>(0)

    private var starting: Task<Address, any Error>?
    private var templates: [String: Task<String, any Error>] = [:]

    /// A database name no other test has, in this process or another.
    static func uniqueName() -> String {
        "test_\(getpid())_\(counter.add(1, ordering: .relaxed).newValue)"
    }

    /// Starts the server at first use.
    func start() async throws -> Address {
        if let starting { return try await starting.value }
        let task = Task {
            if let url = ProcessInfo.processInfo.environment["MESHMILL_TEST_DATABASE_URL"] {
                return Address(string: try ConnectionString(url))
            }
            return Address(string: try ConnectionString(try await ThrowawayServer.start()))
        }
        starting = task
        return try await task.value
    }

    /// Builds a template at first use, and returns the name of its database.
    ///
    /// `MESHMILL_TEST_ALTERATION` names a file of SQL that is run on it afterwards: with it `scripts/mutants` takes a
    /// protection out of the schema without building anything.
    func template(
        _ name: String,
        on server: Address,
        prepare: @escaping @Sendable (String) async throws -> Void
    ) async throws -> String {
        if let task = templates[name] { return try await task.value }
        let database = Self.uniqueName() + "_" + name.lowercased().filter { $0.isLetter && $0.isASCII }
        let task = Task {
            try await server.run("CREATE DATABASE \(database)")
            try await prepare(server.connectionString(database: database))
            if let file = ProcessInfo.processInfo.environment["MESHMILL_TEST_ALTERATION"] {
                try await server.run(String(contentsOfFile: file, encoding: .utf8), on: database)
            }
            return database
        }
        templates[name] = task
        return try await task.value
    }
}
