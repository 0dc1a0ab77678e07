import Logging
import MeshmillCore
import MeshmillStore
import PostgresClient
import TestDatabase

/// A migrated database for one test.
struct StoreTestDatabase: Sendable {
    let client: PostgresClient
    let masterKey = MasterKey()

    private static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Makes a client that a test must close.
    static func client(_ connectionString: String, connections: Int = 4) -> PostgresClient {
        var configuration = PostgresConfiguration(connectionString: connectionString)
        configuration.maximumConnections = connections
        return PostgresClient(configuration: configuration, logger: logger)
    }

    /// Runs `body` with a database of its own.
    static func with(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await withTestDatabase(
            template: "store",
            prepare: { connectionString in
                let client = client(connectionString)
                _ = try await Migrator(client).migrate()
                await client.close()
            },
            { connectionString in
                let database = StoreTestDatabase(client: client(connectionString))
                do {
                    try await body(database)
                    await database.client.close()
                } catch {
                    await database.client.close()
                    throw error
                }
            }
        )
    }

    /// Runs SQL and returns its rows as text, columns separated by `|`, NULL as nothing.
    @discardableResult
    func sql(_ text: String) async throws -> [String] {
        try await client.withConnection { connection in
            try await connection.simpleQuery(text).rows.map { $0.map { $0 ?? "" }.joined(separator: "|") }
        }
    }

    /// Moves the database's clock.
    func advance(_ seconds: Int) async throws {
        try await sql("UPDATE meshmill.clock_offset SET shift = shift + interval '\(seconds) seconds'")
    }

    /// Takes keys in.
    @discardableResult
    func importKeys(_ rows: [KeyFileRow], known: KeyImport.Known = .areUpdated) async throws -> KeyImport.Report {
        let keyImport = KeyImport(masterKey: masterKey)
        return try await client.withTransaction { connection in
            try await keyImport.run(rows, known: known, on: connection)
        }
    }

    /// Opens the batch of the tenant `default` and this folder.
    func openBatch(_ out: String = "/out") async throws -> Int64 {
        try await client.query(OpenBatch(tenant: "default", out: out)).first?.batchID ?? 0
    }

    /// Jobs for images by number; equal numbers are equal images.
    func jobs(_ images: [Int], outputs: [String]? = nil, seed: Int64 = 42) async throws -> [AddJobs.Job] {
        let inputs = Set(images).sorted().map(Self.input)
        try await client.execute(RecordInputs(inputs))
        return images.enumerated().map { index, image in
            let output = outputs?[index] ?? "\(image).glb"
            let input = Self.input(image)
            return AddJobs.Job(
                fingerprint: JobFingerprint.of(
                    inputSHA256: input.inputSHA256,
                    mode: "fast",
                    prompt: nil,
                    seed: seed,
                    decimationTarget: 300_000,
                    textureSize: 2_048
                ),
                inputSHA256: input.inputSHA256,
                inputFormat: input.format,
                mode: "fast",
                seed: seed,
                decimationTarget: 300_000,
                textureSize: 2_048,
                prompt: nil,
                priority: 0,
                customID: nil,
                source: "/in/\(output).png",
                output: output
            )
        }
    }

    /// Adds jobs for images by number, and returns what became of them, such as `added 1`.
    func add(
        _ images: [Int],
        outputs: [String]? = nil,
        seed: Int64 = 42,
        to batch: Int64,
        replacing: Bool = false
    ) async throws -> [String] {
        let jobs = try await jobs(images, outputs: outputs, seed: seed)
        return try await client.query(AddJobs(batchID: batch, isReplacing: replacing, jobs: jobs))
            .map { "\($0.result.rawValue) \($0.jobID)" }
    }

    static func input(_ number: Int) -> StoredInput {
        let bytes = (0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 4)) + $0 / 4) }
        return StoredInput(
            sourceSHA256: bytes.reversed(),
            inputSHA256: bytes,
            format: "png",
            bytes: 100,
            width: 10,
            height: 20
        )
    }
}
