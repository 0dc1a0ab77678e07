import AmaraAPI
import Glibc
import Logging
import MeshmillStore
import MeshmillWorker
import PostgresClient

extension Installation {
    /// Puts a worker of this installation together.
    ///
    /// - Throws: ``Failure`` for settings, master key or provider address that cannot be used; what the database answers.
    func makeWorker(
        _ settings: WorkerSettings,
        amara: AmaraClient,
        activity: WorkerActivity
    ) async throws -> Worker {
        if environment.variables[Setting.marginVariable] != nil {
            // Slots are shared, so one process's margin is every process's.
            let margin = try await margin()
            _ = try await act { try await $0.query(SetMargin(margin)) }
        }
        let secrets = KeySecrets(client, masterKey: try await masterKey())
        return Worker(
            name: Self.processName,
            version: Meshmill.version,
            settings: settings,
            database: client,
            amara: amara,
            artifacts: try await openArtifacts(),
            tokens: StoredTokens(secrets: secrets),
            listener: PostgresListener(
                configuration: listenerConfiguration,
                channels: ["meshmill_jobs", "meshmill_orphans", "meshmill_control"],
                logger: logger
            ),
            activity: activity,
            memory: ServerMemoryFile(folder: environment.home, logger: logger),
            logger: logger
        )
    }

    /// The times that workers of this process use.
    func workerSettings() async throws -> WorkerSettings {
        var settings = WorkerSettings()
        let stored = try await client.query(ListSettings())
        try WorkerTimes.read(
            environment.variables,
            Dictionary(stored.map { ($0.name, $0.value) }) { first, _ in first },
            into: &settings
        )
        settings.spoolFolder = environment.home + "/spool"
        return settings
    }

    /// Behind a pooler in transaction mode there is no LISTEN: `MESHMILL_LISTEN_URL` then names a direct way.
    private var listenerConfiguration: PostgresConfiguration {
        guard let url = environment.variables["MESHMILL_LISTEN_URL"] else { return client.configuration }
        return PostgresConfiguration(connectionString: url)
    }

    private static var processName: String {
        var name = [CChar](repeating: 0, count: 256)
        let host =
            gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
        return "\(host):\(getpid())"
    }
}
