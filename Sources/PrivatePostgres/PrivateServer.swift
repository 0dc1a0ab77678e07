import FoundationEssentials
import Glibc
import Logging
import PostgresClient

/// The server of one private cluster.
///
/// Its callers hold the cluster's control lock, except for `ping`.
struct PrivateServer: Sendable {
    let place: ClusterPlace
    let command: ServerCommand
    let durability: PrivatePostgres.Durability
    let logger: Logger

    private static let port = 5432

    /// How long a server may take to start, recovery after a crash included.
    private static let startTimeout = Duration.seconds(60)

    /// Where to connect.
    ///
    /// A server that runs says so itself: its home may have moved since it was started.
    func connectionString(user: String, database: String) -> String {
        let postmaster = place.postmaster
        let folder = (postmaster?.socketFolder ?? place.socketFolder)
            .replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return "host='\(folder)' port=\(postmaster?.port ?? Self.port) user=\(user) dbname=\(database)"
    }

    /// Makes the cluster, in a folder of another name first, so that a crash leaves no half of one.
    func makeIfMissing() async throws {
        guard place.version == nil else { return }
        removeLeftovers()
        let folder = "data.new-\(getpid())"
        logger.info("making a PostgreSQL \(command.binaries.version) cluster", metadata: ["folder": "\(place.data)"])
        var arguments = ["-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums"]
        if durability == .throwaway { arguments.append("--no-sync") }
        let outcome = try await command.run("initdb", arguments)
        guard outcome.succeeded else {
            throw PrivatePostgresError(
                .initFailed,
                "initdb failed: \(outcome.output)",
                hint: "check space and permissions of \(place.root)"
            )
        }
        try appendSettings(to: "\(place.root)/\(folder)/postgresql.conf")
        guard rename("\(place.root)/\(folder)", place.data) == 0 else {
            throw PrivatePostgresError(
                .initFailed,
                "cannot rename \(place.root)/\(folder): \(String(cString: strerror(errno)))",
                hint: "remove \(place.data) if it holds nothing of value"
            )
        }
    }

    /// Starts the server unless it answers, also after a crash, and waits until it does.
    func startIfStopped() async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.startTimeout)
        var lastOutput = ""
        while true {
            switch await ping() {
            case .answers:
                return
            case .silent:
                lastOutput = try await launch()
                if case .answers = await ping() { return }
            case .starting:
                break
            }
            // After kill -9 the old process id may look alive, and its children hold the shared memory, for seconds.
            guard .now < deadline else {
                throw PrivatePostgresError(
                    .startFailed,
                    "the server did not start: \(lastOutput)",
                    hint: "read \(place.log)"
                )
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Makes the role and the database that Meshmill uses.
    func makeDatabaseIfMissing() async throws {
        let connection = try await connect()
        let database = try await connection.simpleQuery("SELECT FROM pg_database WHERE datname = 'meshmill'")
        if database.rows.isEmpty {
            let role = try await connection.simpleQuery("SELECT FROM pg_roles WHERE rolname = 'meshmill'")
            if role.rows.isEmpty {
                try await connection.simpleQuery(
                    """
                    CREATE ROLE meshmill LOGIN CREATEDB CREATEROLE;
                    GRANT pg_monitor, pg_signal_backend TO meshmill WITH ADMIN OPTION
                    """
                )
            }
            try await connection.simpleQuery("CREATE DATABASE meshmill OWNER meshmill")
        }
        await connection.close()
    }

    /// Stops the server at once but in order: sessions are cut, everything committed is kept.
    func stop() async throws {
        guard place.postmaster != nil else { return }
        let outcome = try await command.run("pg_ctl", ["stop", "-D", "data", "-m", "fast", "-w", "-t", "60"])
        if !outcome.succeeded, case .answers = await ping() {
            throw PrivatePostgresError(
                .stopFailed,
                "the server did not stop: \(outcome.output)",
                hint: "read \(place.log)"
            )
        }
        // In /tmp nothing should stay behind; the next start makes it again.
        rmdir(place.socketFolder)
    }

    /// Whether a server answers on the cluster's socket.
    enum Ping {
        case answers
        /// It is there, but starting, stopping or full.
        case starting
        case silent
    }

    /// Asks the server for a connection.
    func ping() async -> Ping {
        do {
            await (try connect()).close()
            return .answers
        } catch let error as PostgresError where error.sqlState != nil {
            return error.sqlState == .cannotConnectNow ? .starting : .answers
        } catch {
            return .silent
        }
    }

    private func connect() async throws -> PostgresConnection {
        var configuration = PostgresConfiguration(
            connectionString: connectionString(user: "postgres", database: "postgres")
        )
        configuration.connectTimeout = .seconds(5)
        return try await PostgresConnection.connect(configuration: configuration, logger: logger)
    }

    /// Starts the server and waits for it; returns what `pg_ctl` and the log say.
    private func launch() async throws -> String {
        rotateLog()
        try place.prepareSocketFolder(account: command.account)
        let options = "-c listen_addresses= -c port=\(Self.port) -c unix_socket_directories=\(place.socketFolder)"
        let outcome = try await command.run(
            "pg_ctl",
            ["start", "-D", "data", "-l", "server.log", "-w", "-t", "30", "-o", options]
        )
        guard !outcome.succeeded else { return "" }
        let log = (try? String(contentsOfFile: place.log, encoding: .utf8)) ?? ""
        return ServerCommand.lastLines(log.isEmpty ? outcome.output : log)
    }

    /// Keeps at most one old log.
    ///
    /// Nobody reads it while the server is down, so now is the time.
    private func rotateLog() {
        var status = stat()
        if stat(place.log, &status) == 0, status.st_size > 10_000_000 { rename(place.log, place.log + ".old") }
    }

    private func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.root)) ?? []
        for name in names where name.hasPrefix("data.new-") {
            try? FileManager.default.removeItem(atPath: "\(place.root)/\(name)")
        }
    }

    /// An eighth of the machine's memory, 64 MB to 1 GB.
    ///
    /// Where the hot tables do not fit, a write moves pages through the kernel as well. What is not used is not taken.
    private var sharedBuffersMB: UInt64 {
        let eighth = ProcessInfo.processInfo.physicalMemory / 8 / (1 << 20)
        return durability == .durable ? min(max(eighth, 64), 1_024) : 64
    }

    private func appendSettings(to file: String) throws {
        let safety = durability == .durable ? "on" : "off"
        let settings = """

            # Meshmill's own. Sockets and port are given at start.
            fsync = \(safety)
            synchronous_commit = \(safety)
            full_page_writes = \(safety)
            shared_buffers = \(sharedBuffersMB)MB
            max_connections = 200
            max_wal_size = 512MB
            password_encryption = scram-sha-256
            cluster_name = 'meshmill'
            log_line_prefix = '%m [%p] %q%a '

            """
        let descriptor = open(file, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(descriptor) }
        let bytes = Array(settings.utf8)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            throw PrivatePostgresError(
                .initFailed,
                "cannot write \(file): \(String(cString: strerror(errno)))",
                hint: "check the disk's space"
            )
        }
    }
}
