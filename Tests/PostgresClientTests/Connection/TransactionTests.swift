import Logging
import PostgresClient
import TestDatabase
import Testing

@Suite(.timeLimit(.minutes(1))) struct TransactionTests {
    struct Unrelated: Error {}

    struct AddOne: Statement {
        var id: Int
        static let sql = "UPDATE counters SET value = value + 1 WHERE id = $1"
        func bind(to parameters: inout PostgresParameters) { parameters.append(id) }
    }

    /// SQL for a table `watched` with a trigger that runs at COMMIT.
    static func watchedTable(raising statement: String) -> String {
        """
        CREATE TABLE watched (id int);
        CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(statement); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON watched DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION at_commit()
        """
    }

    @Test("a transaction commits, and rolls back if its body throws")
    func commitsOrRollsBack() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql("CREATE TABLE counters AS SELECT 1 AS id, 0 AS value", on: client)
            try await client.withTransaction { _ = try await $0.execute(AddOne(id: 1)) }
            await #expect(throws: Unrelated.self) {
                try await client.withTransaction { connection in
                    _ = try await connection.execute(AddOne(id: 1))
                    throw Unrelated()
                }
            }
            let value = try await sql("SELECT value FROM counters", on: client)
            #expect(value == [["1"]])
        }
    }

    @Test("settings of a transaction end with it")
    func settings() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let show = """
                SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'),
                    current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),
                    current_setting('synchronous_commit')
                """
            let options = PostgresTransactionOptions(
                isolation: .serializable,
                isReadOnly: true,
                lockTimeout: .milliseconds(500),
                idleTimeout: .seconds(10),
                isDurable: true
            )
            let inside = try await client.withTransaction(options) { try await $0.simpleQuery(show).rows }
            #expect(inside == [["serializable", "on", "500ms", "10s", "on"]])
            let outside = try await sql(show, on: client)
            #expect(outside == [["read committed", "off", "0", "0", "off"]])
        }
    }

    @Test("writers that conflict are run again until each has counted")
    func retriesConflicts() async throws {
        try await withTestClient { client in
            try await sql("CREATE TABLE counters AS SELECT 1 AS id, 0 AS value", on: client)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await client.withTransaction(
                            PostgresTransactionOptions(isolation: .repeatableRead),
                            attempts: 50
                        ) { connection in
                            _ = try await connection.simpleQuery("SELECT value FROM counters")
                            _ = try await connection.execute(AddOne(id: 1))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let value = try await sql("SELECT value FROM counters", on: client)
            #expect(value == [["6"]])
        }
    }

    @Test("FAULTS 15: a deadlock is resolved by running one side again")
    func retriesDeadlocks() async throws {
        try await withTestClient { client in
            try await sql("CREATE TABLE counters AS SELECT id, 0 AS value FROM generate_series(1, 2) id", on: client)
            let gates = [Gate(), Gate()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for side in 0..<2 {
                    group.addTask {
                        try await client.withTransaction { connection in
                            _ = try await connection.simpleQuery("SET LOCAL deadlock_timeout = '10ms'")
                            _ = try await connection.execute(AddOne(id: side + 1))
                            await gates[side].open()
                            await gates[1 - side].pass()
                            _ = try await connection.execute(AddOne(id: 2 - side))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let values = try await sql("SELECT value FROM counters", on: client)
            #expect(values == [["2"], ["2"]])
        }
    }

    @Test("attempts are bounded, and the last error is the server's")
    func boundsAttempts() async throws {
        try await withTestClient { client in
            let runs = Gate.Count()
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction(attempts: 3) { connection in
                    await runs.add()
                    _ = try await connection.simpleQuery(
                        "DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$"
                    )
                }
            }
            #expect(error?.sqlState == .serializationFailure)
            let count = await runs.value
            #expect(count == 3)
        }
    }

    @Test("a transaction whose failure was swallowed does not pretend to have committed")
    func noticesFailedTransactions() async throws {
        try await withTestClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { connection in
                    _ = try? await connection.simpleQuery("SELECT 1/0")
                }
            }
            #expect(error?.sqlState == .inFailedTransaction)
        }
    }

    @Test("a constraint that fails at COMMIT is an ordinary error: the server has rolled back")
    func errorAtCommit() async throws {
        try await withTestClient { client in
            try await sql(
                Self.watchedTable(raising: "RAISE EXCEPTION 'no' USING ERRCODE = '23514'"),
                on: client
            )
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { _ = try await $0.simpleQuery("INSERT INTO watched VALUES (1)") }
            }
            #expect(error?.sqlState == .checkViolation)
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test("a warning at COMMIT makes the outcome unknown")
    func warningAtCommit() async throws {
        try await withTestClient { client in
            try await sql(Self.watchedTable(raising: "RAISE WARNING 'not replicated'"), on: client)
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { _ = try await $0.simpleQuery("INSERT INTO watched VALUES (1)") }
            }
            #expect(error?.code == .commitUnknown)
            #expect(error?.description.contains("not replicated") == true)
        }
    }

    @Test("a cancellation during COMMIT waits a little, stops nothing on the server, and says that it is unknown")
    func cancellationDuringCommit() async throws {
        try await withTestClient { client in
            try await sql(Self.watchedTable(raising: "PERFORM pg_advisory_xact_lock(1)"), on: client)
            // COMMIT lasts until this lock is free.
            try await client.withConnection { holder in
                _ = try await holder.simpleQuery("SELECT pg_advisory_lock(1)")
                let task = Task {
                    try await client.withTransaction { _ = try await $0.simpleQuery("INSERT INTO watched VALUES (1)") }
                }
                let isCommitting = try await wait(
                    for: "COMMIT",
                    of: """
                        SELECT query FROM pg_stat_activity
                        WHERE wait_event = 'advisory' AND datname = current_database()
                        """,
                    on: client
                )
                #expect(isCommitting)
                task.cancel()
                let error = await #expect(throws: PostgresError.self) { try await task.value }
                #expect(error?.code == .commitUnknown)
                _ = try await holder.simpleQuery("SELECT pg_advisory_unlock(1)")
            }
            let didCommit = try await wait(for: "1", of: "SELECT count(*) FROM watched", on: client)
            #expect(didCommit)
        }
    }

    @Test("a cancellation before COMMIT rolls back")
    func cancellationBeforeCommit() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql("CREATE TABLE counters AS SELECT 1 AS id, 0 AS value", on: client)
            let task = Task {
                try await client.withTransaction { connection in
                    _ = try await connection.execute(AddOne(id: 1))
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let value = try await sql("SELECT value FROM counters", on: client)
            #expect(value == [["0"]])
        }
    }

    @Test("a transaction that is left open does not reach the next borrower")
    func leftOpen() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql("CREATE TABLE t (a int)", on: client)
            try await sql("BEGIN; INSERT INTO t VALUES (1)", on: client)
            let count = try await sql("SELECT count(*) FROM t", on: client)
            #expect(count == [["0"]])
        }
    }
}

extension Gate {
    /// Counts from any task.
    actor Count {
        private(set) var value = 0

        func add() { value += 1 }
    }
}
