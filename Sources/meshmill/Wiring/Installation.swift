import Artifacts
import Logging
import MeshmillCore
import MeshmillStore
import MeshmillWorker
import PostgresClient
import PrivatePostgres

/// A database with its schema, and what belongs to it: what every command but `simulator` begins with.
final class Installation: Sendable {
    let environment: Environment
    let client: PostgresClient
    let logger: Logger
    /// The private server, while this process uses it; nil for a database that somebody named.
    private let server: PrivatePostgresSession?

    private init(_ environment: Environment, client: PostgresClient, server: PrivatePostgresSession?, logger: Logger) {
        self.environment = environment
        self.client = client
        self.server = server
        self.logger = logger
    }

    /// Opens the database and checks its schema.
    ///
    /// Meshmill's own database and an empty one are migrated by whoever comes first; another one only by
    /// `meshmill migrate`.
    ///
    /// - Parameters:
    ///   - environment: which database, and where everything else lies.
    ///   - checksSchema: false for `migrate`, which does so itself.
    ///   - logger: for messages.
    ///   - configure: changes the client's limits, for a worker with many connections.
    /// - Returns: an installation that must be closed.
    /// - Throws: `MigrationError`, `PostgresError`, `PrivatePostgresError`, ``Failure``, `CancellationError`.
    static func open(
        _ environment: Environment,
        checksSchema: Bool = true,
        logger: Logger,
        configure: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws -> Installation {
        var server: PrivatePostgresSession?
        let connectionString: String
        switch environment.database {
        case .named(let string): connectionString = string
        case .own:
            let session = try await PrivatePostgres(home: environment.home, logger: logger).start()
            server = session
            connectionString = session.connectionString
        }
        var configuration = PostgresConfiguration(connectionString: connectionString)
        configure(&configuration)
        let client = PostgresClient(configuration: configuration, logger: logger)
        let installation = Installation(environment, client: client, server: server, logger: logger)
        do {
            if checksSchema { try await installation.checkSchema() }
            return installation
        } catch {
            await installation.close()
            throw error
        }
    }

    private func checkSchema() async throws {
        let migrator = Migrator(client)
        switch try await migrator.state() {
        case .current: return
        case .behind(let missing):
            guard server != nil else { throw MigrationError.behind(missing) }
        case .foreign: throw MigrationError.foreign
        case .empty: break
        }
        for name in try await migrator.migrate() { logger.debug("applied migration \(name)") }
    }

    /// Closes the database, and stops the private server if no other process uses it.
    ///
    /// What fails is logged: the command's own result is more important.
    func close() async {
        await client.close()
        do {
            // Also for a task that was cancelled: leaving the server running would be its only trace.
            try await Task { try await server?.stop() }.value
        } catch {
            logger.warning("\(Failure(error))")
        }
    }

    /// The artifact store that the installation has recorded, or else the one that the environment names.
    ///
    /// The first one to ask records the address, absolute, so that every process uses the same store.
    ///
    /// - Throws: ``Failure`` with exit 78 if the environment names another store than the recorded one;
    ///   `ArtifactError` if it cannot be used, or was recorded and is not there.
    func openArtifacts() async throws -> any ArtifactStore {
        let wanted = try makeArtifactStore(url: environment.artifactURL ?? environment.defaultArtifactURL)
        let recorded = try await client.query(ReadInstallation()).first?.artifactURL
        let url: String
        if let recorded {
            url = recorded
        } else {
            try await wanted.open(isNew: true)
            url = try await client.query(RecordArtifactURL(wanted.url)).first ?? wanted.url
        }
        guard url == wanted.url || environment.artifactURL == nil else {
            throw Failure(
                .configuration,
                "MESHMILL_ARTIFACTS is \(wanted.url), but this installation's prepared images lie in \(url); unset it"
            )
        }
        let store = try makeArtifactStore(url: url)
        try await store.open(isNew: false)
        return store
    }

    /// The master key of this installation; made if its database knows none yet.
    ///
    /// - Throws: ``Failure`` with exit 78 if the key that the database knows is not there, or is another one.
    func masterKey() async throws -> MasterKey {
        let expected = try await client.query(ReadInstallation()).first?.masterKeyID
        let key: MasterKey
        switch environment.masterKey {
        case .given(let text):
            do { key = try MasterKey(text: text) } catch {
                throw Failure(.configuration, "MESHMILL_MASTER_KEY: \(error)")
            }
        case .file(let path):
            let file = MasterKeyFile(path: path)
            let successor = MasterKeyFile(path: path + ".next")
            let present = try file.read(logger: logger)
            if let expected, let present, present.id != expected,
                let next = try successor.read(logger: logger), next.id == expected
            {
                // A rotation ended, and its process before it renamed the file.
                try successor.take(path, keepingOldAs: "\(path).\(present.id)")
                key = next
            } else if let present {
                key = present
            } else if let expected {
                throw Failure(
                    .configuration,
                    "this installation's keys are sealed by master key \(expected), but there is no \(path); "
                        + "put it there, or set MESHMILL_MASTER_KEY"
                )
            } else {
                key = try file.make(logger: logger)
            }
        }
        guard let expected, expected != key.id else { return key }
        throw MasterKeyError.otherKey(expected: expected, actual: key.id)
    }

    /// The master key that seals what is taken in: another one than the installation's if that is lost and seals nothing
    /// that is in use.
    private func sealingKey() async throws -> MasterKey {
        do {
            return try await masterKey()
        } catch  where error is MasterKeyError || (error as? Failure)?.exit == .configuration {
            guard let lost = try await client.query(ReadInstallation()).first?.masterKeyID else { throw error }
            let isGivenUp = try await act { try await $0.query(GiveUpMasterKey(lost, reason: "not there")) }.first
            guard isGivenUp == true else {
                throw Failure(
                    .configuration,
                    "\(error); if it is lost for good: meshmill jobs cancel --status submitting --status generating "
                        + "--status downloading, then meshmill keys remove NAME… for all keys, then import them again"
                )
            }
            logger.notice("no key is in use, so another master key takes the place of \(lost), which is not there")
            return try await masterKey()
        }
    }

    /// Takes in the keys of `AMARA_API_KEYS`; those that are known already stay as they are.
    ///
    /// - Returns: the names of those that are new.
    func importEnvironmentKeys() async throws -> [String] {
        guard !environment.apiKeys.isEmpty else { return [] }
        let rows = environment.apiKeys.enumerated().map { KeyFileRow(line: $0 + 1, secret: $1) }
        return try await importKeys(rows, known: .areKept, reason: "AMARA_API_KEYS").added
    }

    /// Takes in keys, in one transaction of this process's actor.
    func importKeys(
        _ rows: [KeyFileRow],
        known: KeyImport.Known,
        reason: String?
    ) async throws -> KeyImport.Report {
        let keyImport = KeyImport(masterKey: try await sealingKey(), margin: try await margin())
        return try await act { connection in
            try await keyImport.run(rows, known: known, reason: reason, on: connection)
        }
    }

    /// The margin that `MESHMILL_MARGIN` or the settings give every window; nil for the standard one.
    ///
    /// - Throws: ``Failure`` with exit 78 if it is no length of time; `PostgresError`.
    func margin() async throws -> Duration? {
        let stored = try await client.query(ListSettings()).first { $0.name == Setting.margin.rawValue }?.value
        guard let text = environment.variables[Setting.marginVariable] ?? stored else { return nil }
        guard let margin = DurationText.parse(text), Setting.margins.contains(margin) else {
            throw Failure(.configuration, "\(Setting.marginVariable): \(text) is not a time such as 500ms or 3s")
        }
        return margin
    }

    /// Runs a change in one transaction, with the person who makes it named for the audit log.
    func act<Value>(_ change: (PostgresConnection) async throws -> Value) async throws -> Value {
        try await client.withTransaction(PostgresTransactionOptions(isDurable: true)) { connection in
            try await connection.execute(NameActor(environment.actor))
            return try await change(connection)
        }
    }

    /// The same, but taken back at the end unless `isKept`: what a change would do, by the code that does it.
    func act<Value: Sendable>(
        keeping isKept: Bool,
        _ change: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        var outcome: Value?
        do {
            return try await act { connection in
                let value = try await change(connection)
                outcome = value
                guard isKept else { throw Rehearsal() }
                return value
            }
        } catch is Rehearsal {
            guard let outcome else { throw Failure(.internalError, "a rehearsal ended without an outcome") }
            return outcome
        }
    }

    /// Ends a transaction that only wanted to know what would be.
    private struct Rehearsal: Error {}
}

extension Installation {
    /// Opens the installation that the environment names, for the length of `body`.
    ///
    /// Ctrl-C and SIGTERM cancel `body`; a second one ends the process at once.
    ///
    /// - Throws: what `body` throws; ``Failure/interrupted`` after a signal; like ``open(_:checksSchema:logger:configure:)``.
    static func with<Value: Sendable>(
        checksSchema: Bool = true,
        _ body: @escaping @Sendable (Installation) async throws -> Value
    ) async throws -> Value {
        let environment = try Environment.current()
        let logger = Logger(label: "meshmill")
        return try await Interruption.cancelling {
            let installation = try await open(environment, checksSchema: checksSchema, logger: logger)
            do {
                let value = try await body(installation)
                await installation.close()
                return value
            } catch {
                await installation.close()
                throw error
            }
        }
    }
}

extension Installation {
    /// Opens the installation as soon as its schema is there: a worker may be started before the migration.
    ///
    /// - Returns: nil if the stop came first.
    /// - Throws: like ``open(_:checksSchema:logger:configure:)``, but for a schema that is behind or ahead.
    static func openWhenReady(
        _ environment: Environment,
        logger: Logger,
        until stop: StopSignal
    ) async throws -> Installation? {
        var isWaiting = false
        while !stop.isStopped {
            do {
                return try await open(environment, logger: logger)
            } catch let error as MigrationError {
                if !isWaiting { logger.notice("\(error); waiting for it") }
                isWaiting = true
                await stop.wait(atMost: .seconds(2))
            }
        }
        return nil
    }

    /// The id of a pool.
    ///
    /// - Throws: ``Failure`` with exit 64 if there is none of that name.
    func pool(named name: String) async throws -> Int64 {
        guard let pool = try await client.query(FindPool(name: name)).first else {
            throw Failure(.usage, "there is no pool \(name); see: meshmill pools list")
        }
        return pool
    }
}
