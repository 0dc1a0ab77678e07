import FoundationEssentials
import Glibc
import Logging
import PostgresClient
import PrivatePostgres
import Testing

@Suite(.timeLimit(.minutes(2))) struct PrivatePostgresTests {
    @Test("four starters at once make one cluster and share one server, which the last one stops")
    func startsOnce() async throws {
        try await withHome { home in
            let sessions = try await withThrowingTaskGroup(of: PrivatePostgresSession.self) { group in
                for _ in 0..<4 { group.addTask { try await cluster(home).start() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let processID = try await cluster(home).status().processID
            #expect(Set(sessions.map(\.connectionString)).count == 1)
            for session in sessions.dropLast() {
                try await session.stop()
                let status = try await cluster(home).status()
                #expect(status.processID == processID)
                let user = try await firstValue("SELECT current_user", session.connectionString)
                #expect(user == "meshmill")
            }
            try await sessions.last?.stop()
            let status = try await cluster(home).status()
            #expect(status.exists)
            #expect(!status.isRunning)
        }
    }

    @Test("a server killed with -9 recovers at the next start, with all that was committed")
    func recovers() async throws {
        try await withHome { home in
            // A throwaway server commits without waiting for its log, so it would forget the table.
            let session = try await cluster(home, .durable).start()
            _ = try await firstValue(
                "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)",
                session.connectionString
            )
            let processID = try #require(try await cluster(home).status().processID)
            kill(processID, SIGKILL)
            let again = try await cluster(home).start()
            let kept = try await firstValue("SELECT id FROM kept", again.connectionString)
            #expect(kept == "7")
            try await session.stop()
            try await again.stop()
        }
    }

    @Test("a server whose users all died is joined, and stopped by whoever leaves last")
    func adoptsOrphans() async throws {
        try await withHome { home in
            let processID: Int32? = try await {
                // Dropped without `stop`, as if its process had died: the lock goes with it.
                let dropped = try await cluster(home).start()
                _ = dropped.connectionString
                return try await cluster(home).status().processID
            }()
            let session = try await cluster(home).start()
            let joined = try await cluster(home).status().processID
            #expect(joined == processID)
            try await session.stop()
            let status = try await cluster(home).status()
            #expect(!status.isRunning)
        }
    }

    @Test("a leaver and a joiner at the same time leave the joiner a server that answers")
    func joinsWhileAnotherLeaves() async throws {
        try await withHome { home in
            var session = try await cluster(home).start()
            for _ in 0..<5 {
                let leaver = session
                async let leaving: Void = leaver.stop()
                async let joining = cluster(home).start()
                let next = try await joining
                try await leaving
                let answer = try await firstValue("SELECT 1", next.connectionString)
                #expect(answer == "1")
                session = next
            }
            try await session.stop()
        }
    }

    @Test("a half-made cluster of a starter that crashed is cleared away")
    func clearsHalfMadeClusters() async throws {
        try await withHome { home in
            let session = try await cluster(home).start()
            try await session.stop()
            let data = try await cluster(home).status().dataFolder
            try FileManager.default.moveItem(atPath: data, toPath: data + ".new-1")
            let again = try await cluster(home).start()
            #expect(!FileManager.default.fileExists(atPath: data + ".new-1"))
            try await again.stop()
        }
    }

    @Test("data of a version that is not installed is refused with the package to install")
    func namesMissingVersion() async throws {
        try await withHome { home in
            let data = try await cluster(home).status().dataFolder
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            chownToServer(data)
            try Data("11\n".utf8).write(to: URL(filePath: data + "/PG_VERSION"))
            let error = await #expect(throws: PrivatePostgresError.self) { _ = try await cluster(home).start() }
            #expect(error?.code == .missingBinaries)
            #expect(error?.description.contains("postgresql-11") == true)
        }
    }

    @Test(
        "a home whose path is too long for a socket, or strange to a shell, works",
        arguments: [String(repeating: "long", count: 40), "it's a \\ $HOME `id` \"x\", ü"]
    )
    func strangePath(_ name: String) async throws {
        try await withHome { home in
            let strange = "\(home)/\(name)"
            mkdir(strange, 0o755)
            let session = try await cluster(strange).start()
            let answer = try await firstValue("SHOW data_directory", session.connectionString)
            #expect(answer == strange + "/postgres/data")
            try await session.stop()
            let status = try await cluster(strange).status()
            #expect(!FileManager.default.fileExists(atPath: status.socketFolder))
        }
    }

    @Test("a home that does not exist is made, closed to others")
    func missingHome() async throws {
        try await withHome { home in
            let missing = home + "/a/b"
            let before = try await cluster(missing).status()
            let session = try await cluster(missing).start()
            let answer = try await firstValue("SELECT 1", session.connectionString)
            #expect(answer == "1")
            try await session.stop()
            let after = try await cluster(missing).status()
            #expect(after.dataFolder == before.dataFolder)
            var status = stat()
            stat(missing, &status)
            #expect(status.st_mode & 0o777 == 0o700)
            try FileManager.default.removeItem(atPath: after.dataFolder.droppingLastComponent)
        }
    }

    @Test("a home that the server's account cannot enter records where the data lies", .enabled(if: geteuid() == 0))
    func closedHome() async throws {
        try await withHome(mode: 0o700) { home in
            let session = try await cluster(home).start()
            let status = try await cluster(home).status()
            #expect(status.dataFolder.hasPrefix("/var/lib/meshmill/"))
            try await session.stop()
            // The record holds also after the home has moved.
            try FileManager.default.moveItem(atPath: home, toPath: home + "-moved")
            let moved = try await cluster(home + "-moved").status()
            #expect(moved.dataFolder == status.dataFolder)
            #expect(moved.exists)
            try FileManager.default.moveItem(atPath: home + "-moved", toPath: home)
            try FileManager.default.removeItem(atPath: status.dataFolder.droppingLastComponent)
        }
    }
}

/// Runs `body` with a fresh home, and removes it.
private func withHome(mode: mode_t = 0o755, _ body: (String) async throws -> Void) async throws {
    let home = "/tmp/meshmill-home-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    mkdir(home, mode)
    defer { try? FileManager.default.removeItem(atPath: home) }
    do {
        try await body(home)
    } catch {
        // Leave no server behind: whoever joins last stops it.
        try? await cluster(home).start().stop()
        throw error
    }
}

private func cluster(
    _ home: String,
    _ durability: PrivatePostgres.Durability = .throwaway
) -> PrivatePostgres {
    PrivatePostgres(
        home: home,
        durability: durability,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
}

/// Runs SQL on a connection of its own and returns the first column of the first row.
private func firstValue(_ sql: String, _ connectionString: String) async throws -> String? {
    let connection = try await PostgresConnection.connect(
        configuration: PostgresConfiguration(connectionString: connectionString),
        logger: Logger(label: "test")
    )
    let rows = try await connection.simpleQuery(sql).rows
    await connection.close()
    return rows.first?.first ?? nil
}

private func chownToServer(_ data: String) {
    guard geteuid() == 0, let account = getpwnam("postgres") else { return }
    chown(data, account.pointee.pw_uid, account.pointee.pw_gid)
    chown(data.droppingLastComponent, account.pointee.pw_uid, account.pointee.pw_gid)
}

extension String {
    fileprivate var droppingLastComponent: String {
        lastIndex(of: "/").map { String(self[..<$0]) } ?? self
    }
}
