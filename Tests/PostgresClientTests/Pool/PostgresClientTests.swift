import Logging
import PostgresClient
import TestDatabase
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresClientTests {
    @Test("many callers share few connections, and all are served")
    func manyCallers() async throws {
        try await withTestClient(maximumConnections: 3) { client in
            let processes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 { group.addTask { try await client.query(BackendID())[0] } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(processes.count <= 3)
        }
    }

    @Test("a wait that lasts too long names the limit that caused it")
    func waitTimesOut() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let (release, held) = (Gate(), Gate())
            let holder = Task {
                try await client.withConnection { _ in
                    await held.open()
                    await release.pass()
                }
            }
            await held.pass()
            let error = await #expect(throws: PostgresError.self) {
                try await client.query(BackendID(), timeout: .milliseconds(20))
            }
            #expect(error?.code == .poolTimedOut)
            #expect(error?.description.contains("all 1 database connections") == true)
            await release.open()
            try await holder.value
            let rows = try await client.query(BackendID())
            #expect(rows.count == 1)
        }
    }

    @Test("waiters cancelled at the moment of their turn lose no connection")
    func cancelledWaiters() async throws {
        try await withTestClient(maximumConnections: 2) { client in
            for round in 0..<40 {
                let tasks = (0..<8).map { _ in Task { _ = try await client.query(BackendID()) } }
                try await Task.sleep(for: .microseconds(round * 53))
                for (index, task) in tasks.enumerated() where index % 2 == round % 2 { task.cancel() }
                for (index, task) in tasks.enumerated() {
                    let result = await task.result
                    if index % 2 != round % 2 { #expect(throws: Never.self) { try result.get() } }
                }
            }
            // Both connections can still be had at once.
            try await client.withConnection { _ in _ = try await client.query(BackendID(), timeout: .seconds(5)) }
        }
    }

    @Test("idle connections that the server cut are replaced before anybody notices")
    func replacesCutConnections() async throws {
        try await withTestClient(maximumConnections: 4) { client in
            let processes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await client.withConnection { connection in
                            _ = try await connection.execute(Sleep(seconds: 0.05))
                            return try await connection.query(BackendID())[0]
                        }
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            let own = PostgresClient(configuration: client.configuration, logger: .silent)
            let list = processes.map(String.init).joined(separator: ",")
            try await sql("SELECT pg_terminate_backend(pid, 5000) FROM unnest(ARRAY[\(list)]) pid", on: own)
            await own.close()
            for _ in 0..<4 {
                let process = try await client.query(BackendID())[0]
                #expect(!processes.contains(process))
            }
        }
    }

    @Test("a connection cut in the middle of a statement fails that statement only")
    func cutInStatement() async throws {
        try await withTestClient(maximumConnections: 2) { client in
            let task = Task { try await client.execute(Sleep(seconds: 30)) }
            let sleepers = "FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
            let isSleeping = try await wait(for: "1", of: "SELECT count(*) \(sleepers)", on: client)
            #expect(isSleeping)
            try await sql("SELECT pg_terminate_backend(pid) \(sleepers)", on: client)
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.sqlState == .adminShutdown)
            #expect(error?.isConnectionFailure == true)
            let rows = try await client.query(BackendID())
            #expect(rows.count == 1)
        }
    }

    @Test("FAULTS 13: a server without room is waited for, and said so once")
    func waitsForRoom() async throws {
        try await withTestDatabase { connectionString in
            let owner = PostgresClient(
                configuration: PostgresConfiguration(connectionString: connectionString),
                logger: .silent
            )
            let role = try #require(try await sql("SELECT 'limited_' || current_database()", on: owner)[0][0])
            try await sql("CREATE ROLE \(role) LOGIN PASSWORD 'p' CONNECTION LIMIT 1", on: owner)
            let limited = "\(connectionString) user=\(role) password=p"
            let hog = try await PostgresConnection.connect(
                configuration: PostgresConfiguration(connectionString: limited),
                logger: .silent
            )

            let log = CollectedLog()
            let client = PostgresClient(
                configuration: PostgresConfiguration(connectionString: limited),
                logger: log.logger
            )
            let waiting = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { _ = try await client.query(BackendID()) } }
                    try await group.waitForAll()
                }
            }
            while log.warnings.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            // Without hope it ends at the deadline, with the cause.
            var states: Set<SQLState?> = []
            for milliseconds in [150, 600, 2_400, 9_600] where !states.contains(.tooManyConnections) {
                let error = await #expect(throws: PostgresError.self) {
                    try await client.query(BackendID(), timeout: .milliseconds(milliseconds))
                }
                states.insert(error?.sqlState)
            }
            #expect(states.contains(.tooManyConnections))
            #expect(log.warnings.count == 1)
            #expect(log.warnings.joined().contains("53300"))
            await hog.close()
            try await waiting.value
            await client.close()
            try await sql("DROP ROLE \(role)", on: owner)
            await owner.close()
        }
    }

    @Test("closing waits for what is lent, and turns away who comes later")
    func closes() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let held = Gate()
            let holder = Task {
                try await client.withConnection { connection in
                    await held.open()
                    return try await connection.execute(Sleep(seconds: 0.05))
                }
            }
            await held.pass()
            await client.close()
            let count = try await holder.value
            #expect(count == 1)
            let error = await #expect(throws: PostgresError.self) { try await client.query(BackendID()) }
            #expect(error?.code == .clientClosed)
        }
    }
}
