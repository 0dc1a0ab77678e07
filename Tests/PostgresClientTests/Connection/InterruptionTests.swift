import PostgresClient
import TestDatabase
import Testing

@Suite(.timeLimit(.minutes(1))) struct InterruptionTests {
    private static let sleepers =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
        + "AND datname = current_database()"

    @Test("a deadline stops the statement on the server, and the connection goes on")
    func deadline() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let before = try await client.query(BackendID())
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute(Sleep(seconds: 30), timeout: .milliseconds(50))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.statement == "Sleep")
            let after = try await client.query(BackendID())
            #expect(before == after)
        }
    }

    @Test("a deadline that has passed before the server begins the statement stops it all the same")
    func deadlineAtOnce() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let before = try await client.query(BackendID())
            for _ in 0..<20 {
                let error = await #expect(throws: PostgresError.self) {
                    try await client.execute(Sleep(seconds: 30), timeout: .zero)
                }
                #expect(error?.code == .timedOut)
            }
            let after = try await client.query(BackendID())
            #expect(before == after)
        }
    }

    @Test("a cancelled task's statement is stopped on the server, and the connection goes on")
    func cancellation() async throws {
        try await withTestClient(maximumConnections: 2) { client in
            let before = try await client.query(BackendID())
            let isPrompt = try await takesLess(than: .seconds(1)) {
                let task = Task { try await client.execute(Sleep(seconds: 30)) }
                let isSleeping = try await wait(for: "1", of: Self.sleepers, on: client)
                #expect(isSleeping)
                let start = ContinuousClock.now
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let time = start.duration(to: .now)
                let remaining = try await sql(Self.sleepers, on: client)
                #expect(remaining == [["0"]])
                return time
            }
            #expect(isPrompt)
            let pool = try await sql("SELECT count(*) FROM pg_stat_activity WHERE pid = \(before[0])", on: client)
            #expect(pool == [["1"]])
        }
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        try await withTestClient { client in
            try await sql("CREATE TABLE t (a int)", on: client)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await client.withConnection { _ = try await $0.simpleQuery("INSERT INTO t VALUES (1)") }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let count = try await sql("SELECT count(*) FROM t", on: client)
            #expect(count == [["0"]])
        }
    }

    @Test("cancelling a hundred statements at random moments never stops one that was not cancelled")
    func noStrayCancels() async throws {
        try await withTestClient(maximumConnections: 2) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<2 {
                    group.addTask {
                        for round in 0..<50 {
                            let task = Task { try await client.execute(Sleep(seconds: 0.002)) }
                            try await Task.sleep(for: .microseconds((round * 37 + lane * 531) % 4_000))
                            task.cancel()
                            _ = try? await task.value
                            // Fails with 57014 if the cancel request hits it instead.
                            try await client.execute(Sleep(seconds: 0.001))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("FAULTS 12, LESSON 10: a server that has gone silent costs the deadline and two seconds, and the connection")
    func blackHole() async throws {
        try await withWire { wire, client in
            _ = try await client.query(BackendID())
            let isBounded = try await takesLess(than: .seconds(4)) {
                wire.set(.blackHole)
                let start = ContinuousClock.now
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query(BackendID(), timeout: .milliseconds(100))
                }
                let time = start.duration(to: .now)
                #expect(error?.code == .timedOut)
                wire.set(.forward)
                let rows = try await client.query(BackendID())
                #expect(rows.count == 1)
                return time
            }
            #expect(isBounded)
        }
    }

    @Test("connecting to a server that accepts and says nothing ends at its deadline")
    func silentServer() async throws {
        try await withWire { wire, client in
            wire.set(.blackHole)
            let error = await #expect(throws: PostgresError.self) {
                try await client.query(BackendID(), timeout: .milliseconds(100))
            }
            #expect(error?.code == .connectFailed)
            #expect(error?.description.contains("no answer in time") == true)
        }
    }

    @Test("FAULTS 11: a COMMIT whose answer is lost is reported as unknown, and has taken effect")
    func lostAnswer() async throws {
        try await withWire { wire, client in
            try await sql("CREATE TABLE t (a int)", on: client)
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { connection in
                    _ = try await connection.simpleQuery("INSERT INTO t VALUES (1)")
                    wire.set(.loseAnswer)
                }
            }
            #expect(error?.code == .commitUnknown)
            #expect(error?.isOutcomeUnknown == true)
            wire.set(.forward)
            let count = try await sql("SELECT count(*) FROM t", on: client)
            #expect(count == [["1"]])
        }
    }

    @Test("a statement whose answer is lost says so")
    func lostStatement() async throws {
        try await withWire { wire, client in
            _ = try await client.query(BackendID())
            wire.set(.loseAnswer)
            let error = await #expect(throws: PostgresError.self) { try await client.query(BackendID()) }
            #expect(error?.code == .connectionLost)
            #expect(error?.isOutcomeUnknown == true)
            #expect(error?.isConnectionFailure == true)
        }
    }

    /// Runs `body` with a client that reaches its database through a wire that can fail.
    private func withWire(_ body: (FaultyWire, PostgresClient) async throws -> Void) async throws {
        try await withTestDatabase { connectionString in
            let direct = PostgresClient(
                configuration: PostgresConfiguration(connectionString: connectionString),
                logger: .silent
            )
            let shown = try await sql(
                "SELECT current_setting('unix_socket_directories'), current_setting('port')",
                on: direct
            )
            await direct.close()
            let place = try #require(shown.first)
            let wire = try FaultyWire(to: "\(try #require(place[0]))/.s.PGSQL.\(try #require(place[1]))")
            defer { wire.close() }
            var configuration = PostgresConfiguration(
                connectionString: "\(connectionString) host=\(wire.folder) port=5432"
            )
            configuration.maximumConnections = 1
            let client = PostgresClient(configuration: configuration, logger: .silent)
            try await body(wire, client)
            await client.close()
        }
    }
}
