import FoundationEssentials
package import Logging
import PostgresClient

/// Meshmill's own PostgreSQL for those who bring none: a cluster that belongs to one home folder.
///
/// It is made and started from the machine's installed server binaries at first use, listens on a Unix socket that
/// only this account can reach, and is shared by all processes of this machine that use the same home. The last one
/// stops it. A crash of any of them does no harm: their locks go with them, and a server left running is joined.
package struct PrivatePostgres: Sendable {
    /// Whether what is committed must survive a power cut.
    package enum Durability: Sendable {
        case durable
        /// Without fsync: for tests, whose data nobody misses.
        case throwaway
    }

    /// The home's absolute path, links resolved.
    let home: String
    let durability: Durability
    let logger: Logger

    /// Names a home's cluster; nothing is made or started before `start`.
    ///
    /// `home` need not exist yet.
    package init(home: String, durability: Durability = .durable, logger: Logger) {
        self.home =
            URL(filePath: home).standardizedFileURL.resolvingSymlinksInPath().path(percentEncoded: false)
            .droppingTrailingSlash
        self.durability = durability
        self.logger = logger
    }

    /// Makes, starts or joins the server.
    ///
    /// - Throws: `PrivatePostgresError`; `CancellationError`.
    /// - Returns: a session that keeps the server running until its `stop`, or the end of this process.
    package func start() async throws -> PrivatePostgresSession {
        let account = try ServerAccount.forThisProcess()
        let place = ClusterPlace.find(home: home, account: account)
        try place.prepare(home: home, account: account)
        let control = try FileLock(place.controlLock)
        try await control.waitExclusive(timeout: .seconds(120))
        defer { control.unlock() }
        let users = try FileLock(place.usersLock)
        guard users.tryShared() else {
            throw PrivatePostgresError(
                .locked,
                "\(place.usersLock) is locked by another program",
                hint: "see which with: fuser -v \(place.usersLock)"
            )
        }
        let binaries = try PostgresBinaries.choose(version: place.version)
        let server = PrivateServer(
            place: place,
            command: ServerCommand(binaries: binaries, account: account, folder: place.root),
            durability: durability,
            logger: logger
        )
        try await server.makeIfMissing()
        try await server.startIfStopped()
        try await server.makeDatabaseIfMissing()
        return PrivatePostgresSession(server: server, control: control, users: users)
    }

    /// Looks without changing anything.
    ///
    /// - Throws: `PrivatePostgresError` with code `missingAccount`.
    package func status() async throws -> PrivatePostgresStatus {
        let account = try ServerAccount.forThisProcess()
        let place = ClusterPlace.find(home: home, account: account)
        let version = place.version
        let binaries = PostgresBinaries.installed().first { version == nil || $0.version == version }
        var status = PrivatePostgresStatus(
            dataFolder: place.data,
            socketFolder: place.socketFolder,
            logFile: place.log,
            version: version,
            hasBinaries: binaries != nil
        )
        if let binaries {
            let server = PrivateServer(
                place: place,
                command: ServerCommand(binaries: binaries, account: account, folder: place.root),
                durability: durability,
                logger: logger
            )
            if case .answers = await server.ping() { status.processID = place.postmaster?.processID }
        }
        return status
    }
}

extension String {
    fileprivate var droppingTrailingSlash: String {
        count > 1 && hasSuffix("/") ? String(dropLast()) : self
    }
}
