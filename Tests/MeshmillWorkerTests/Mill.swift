import AmaraAPI
import AmaraSimulator
import Artifacts
import Foundation
import Logging
import Media
import MeshmillCore
import MeshmillStore
import MeshmillSubmission
import MeshmillWorker
import PostgresClient
import TestDatabase
import TestImages

/// A whole installation for one test: a database, a simulated provider over HTTP, keys, folders, and workers.
struct Mill: Sendable {
    let client: PostgresClient
    let simulator: Simulator
    let folder: URL
    let masterKey: MasterKey
    let artifacts: FileArtifactStore
    var settings = WorkerSettings()
    /// What workers write their log to.
    var logger = Mill.logger
    /// Opens the keys' secrets for workers; `nil`: as the program does.
    var tokens: (any TokenSource)?

    var pictures: URL { folder.appending(path: "pictures") }
    var meshes: URL { folder.appending(path: "meshes") }

    static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel =
            ProcessInfo.processInfo.environment["LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .critical
        return logger
    }

    /// Sets everything up, runs `body`, and takes everything down.
    static func with(
        _ provider: ProviderConfiguration,
        _ body: (inout Mill) async throws -> Void
    ) async throws {
        try await withTestDatabase(template: "meshmill", prepare: migrate) { connectionString in
            try await with(provider, connectionString: connectionString, body)
        }
    }

    /// The same with a database server of its own, which the test may stop and start.
    static func withOwnServer(
        _ provider: ProviderConfiguration,
        _ body: (inout Mill, StoppableServer) async throws -> Void
    ) async throws {
        try await StoppableServer.with { server in
            try await migrate(server.connectionString)
            try await with(provider, connectionString: server.connectionString) { try await body(&$0, server) }
        }
    }

    private static let migrate: @Sendable (String) async throws -> Void = { connectionString in
        let configuration = PostgresConfiguration(connectionString: connectionString)
        let client = PostgresClient(configuration: configuration, logger: logger)
        _ = try await Migrator(client).migrate()
        await client.close()
    }

    private static func with(
        _ provider: ProviderConfiguration,
        connectionString: String,
        _ body: (inout Mill) async throws -> Void
    ) async throws {
        do {
            var configuration = PostgresConfiguration(connectionString: connectionString)
            configuration.maximumConnections = 12
            let client = PostgresClient(configuration: configuration, logger: logger)
            try await withSimulator(SimulatorConfiguration(provider: provider)) { simulator in
                let folder = FileManager.default.temporaryDirectory.appending(path: "mill-\(UUID().uuidString)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(at: folder) }
                let artifacts = try FileArtifactStore(url: "file://" + folder.appending(path: "artifacts").path)
                try await artifacts.open(isNew: true)
                var mill = Mill(
                    client: client,
                    simulator: simulator,
                    folder: folder,
                    masterKey: MasterKey(),
                    artifacts: artifacts
                )
                mill.settings.lease = .seconds(3)
                mill.settings.requestDeadline = .seconds(5)
                mill.settings.grace = .seconds(1)
                mill.settings.spoolFolder = folder.appending(path: "spool").path
                try await mill.importKeys(provider)
                try await body(&mill)
            }
            await client.close()
        }
    }

    private func importKeys(_ provider: ProviderConfiguration) async throws {
        let rows = provider.keys.enumerated().map { index, key in
            var row = KeyFileRow(line: index + 1, secret: Secret(key.secret))
            row.name = key.name
            row.org = key.org
            row.rateLimit = key.limit ?? provider.limit
            row.rateWindow = key.window ?? provider.window
            return row
        }
        let keyImport = KeyImport(masterKey: masterKey)
        _ = try await client.withTransaction { connection in
            try await keyImport.run(rows, known: .areUpdated, on: connection)
        }
    }

    /// Writes pictures that differ from each other.
    func paint(_ numbers: Range<Int>) throws {
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
        for number in numbers {
            let file = pictures.appending(path: "picture \(number).png")
            try Data(TestImages.png(number)).write(to: file)
        }
    }

    /// Submits the pictures.
    @discardableResult
    func submit() async throws -> (batchID: Int64, report: SubmissionReport) {
        try await OutputFolder(root: meshes.path).create()
        let batch = try await client.query(OpenBatch(tenant: "default", out: meshes.path))[0]
        let submission = Submission(
            SubmissionRequest(sources: .paths([pictures.path]), outputFolder: meshes.path),
            intake: DatabaseIntake(client, batchID: batch.batchID),
            artifacts: artifacts,
            preparer: ImagePreparer()
        )
        return (batch.batchID, try await submission.run())
    }

    /// A worker with a provider client of its own, as in a process of its own.
    func worker(_ name: String, _ amara: AmaraClient) -> Worker {
        Worker(
            name: name,
            version: "test",
            settings: settings,
            database: client,
            amara: amara,
            artifacts: artifacts,
            tokens: tokens ?? Tokens(secrets: KeySecrets(client, masterKey: masterKey)),
            listener: nil,
            activity: WorkerActivity(),
            logger: logger
        )
    }

    /// Runs workers until a condition holds, then stops them in order.
    func work(_ workers: Int, until isDone: @escaping @Sendable (Mill) async throws -> Bool) async throws {
        let stop = StopSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...workers {
                group.addTask {
                    try await withAmara { try await worker("worker-\(number)", $0).run(until: stop) }
                }
            }
            group.addTask {
                while !(try await isDone(self)) { try await Task.sleep(for: .milliseconds(100)) }
                stop.stop()
            }
            try await group.waitForAll()
        }
    }

    /// Runs a worker beside `body`, which is given the signal for an orderly stop.
    ///
    /// When `body` returns without having stopped it, the worker is cut off like a process that is killed.
    func withWorker(_ name: String, _ body: (StopSignal) async throws -> Void) async throws {
        let stop = StopSignal()
        try await withAmara { amara in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker(name, amara).run(until: stop) }
                try await body(stop)
                if stop.isStopped { try await group.waitForAll() } else { group.cancelAll() }
            }
        }
    }

    /// Lends a provider client, which is shut down also after an error: one that is not ends the test process.
    private func withAmara(_ body: (AmaraClient) async throws -> Void) async throws {
        let configuration = try AmaraClientConfiguration(baseURL: simulator.baseURL, version: "test")
        let amara = try AmaraClient(configuration: configuration, logger: Self.logger)
        do {
            try await body(amara)
        } catch {
            try? await amara.shutdown()
            throw error
        }
        try await amara.shutdown()
    }

    /// Waits until a condition holds; the test's time limit ends what never does.
    func wait(until isDone: () async throws -> Bool) async throws {
        while !(try await isDone()) { try await Task.sleep(for: .milliseconds(50)) }
    }

    /// What the audit finds wrong.
    func violations() async throws -> [String] {
        try await client.query(RunAudit()).filter { $0.violations > 0 }.map { "\($0.name): \($0.findings)" }
    }

    /// Names of the files in the spool that begin like this.
    func spooled(_ prefix: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "spool").path)) ?? []
        return names.filter { $0.hasPrefix(prefix) }
    }

    /// Jobs by state.
    func counts() async throws -> [JobState: Int] {
        let rows = try await client.withConnection { connection in
            try await connection.simpleQuery("SELECT state, count(*) FROM meshmill.jobs GROUP BY state").rows
        }
        var counts: [JobState: Int] = [:]
        for row in rows {
            if let state = row[0].flatMap(JobState.init), let count = row[1].flatMap({ Int($0) }) {
                counts[state] = count
            }
        }
        return counts
    }

    /// Every attempt in a line, to be shown when a test fails.
    func attempts() async throws -> String {
        let rows = try await client.withConnection { connection in
            try await connection.simpleQuery(
                """
                SELECT format('%s key %s job %s probe %s, %s to %s: %s %s', a.id, a.key_id, a.job_id, a.probe,
                    to_char(a.claimed_at, 'SS.MS'), to_char(a.ended_at, 'SS.MS'), a.state, a.http_status)
                FROM meshmill.attempts AS a ORDER BY a.id
                """
            ).rows
        }
        return rows.map { "\n" + ($0[0] ?? "") }.joined()
    }

    /// A single text from the database; empty for no row and for NULL.
    func text(_ sql: String) async throws -> String {
        let rows = try await client.withConnection { try await $0.simpleQuery(sql).rows }
        return rows.first?.first.flatMap(\.self) ?? ""
    }

    /// A single number from the database.
    func number(_ sql: String) async throws -> Int {
        let rows = try await client.withConnection { try await $0.simpleQuery(sql).rows }
        return rows.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? -1
    }
}

/// The keys' secrets, as the program opens them.
struct Tokens: TokenSource {
    let secrets: KeySecrets

    func token(ofKey keyID: Int64) async throws -> BearerToken {
        guard let secret = try await secrets.secret(ofKey: keyID), let token = BearerToken(secret.exposed) else {
            throw CancellationError()
        }
        return token
    }
}
