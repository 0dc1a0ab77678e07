import Logging
import PostgresClient
import TestDatabase
import Testing

struct Sleep: Statement {
    var seconds: Double
    static let sql = "SELECT pg_sleep($1)"
    func bind(to parameters: inout PostgresParameters) { parameters.append(seconds) }
}

struct BackendID: Statement {
    static let sql = "SELECT pg_backend_pid()"
    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int { try row.next() }
}

@Suite struct QueryTests {
    struct InsertItem: Statement {
        var id: Int
        var name: String
        static let sql = "INSERT INTO items (id, name) VALUES ($1, $2)"
        func bind(to parameters: inout PostgresParameters) {
            parameters.append(id)
            parameters.append(name)
        }
    }

    @Test("an integrity error carries state, constraint and table, and keeps row values out of its description")
    func integrityErrors() async throws {
        try await withTestClient { client in
            try await sql("CREATE TABLE items (id int CONSTRAINT items_once PRIMARY KEY, name text)", on: client)
            let count = try await client.execute(InsertItem(id: 4711, name: "canary"))
            #expect(count == 1)
            let caught = await #expect(throws: PostgresError.self) {
                try await client.execute(InsertItem(id: 4711, name: "canary"))
            }
            let error = try #require(caught)
            #expect(error.code == .server)
            #expect(error.constraint == "items_once")
            #expect(error.table == "items")
            #expect(error.statement == "InsertItem")
            #expect(!error.description.contains("4711"))
            #expect(error.debugDescription.contains("4711"))
            switch error.sqlState {
            case .integrityConstraintViolation: break
            default: Issue.record("23505 is not matched by its class")
            }
        }
    }

    @Test("an error at the implicit commit, after the command's success, fails the statement")
    func deferredError() async throws {
        try await withTestClient { client in
            try await sql(
                "CREATE TABLE items (id int, name text, UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)",
                on: client
            )
            try await client.execute(InsertItem(id: 1, name: ""))
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute(InsertItem(id: 1, name: ""))
            }
            #expect(error?.sqlState == .uniqueViolation)
        }
    }

    struct Warn: Statement {
        static let sql = "SELECT warn()"
    }

    @Test("notices and warnings come with the result")
    func notices() async throws {
        try await withTestClient { client in
            try await sql(
                """
                CREATE FUNCTION warn() RETURNS void LANGUAGE plpgsql AS
                $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING E'two\\nlines' USING ERRCODE = '01234'; END $$
                """,
                on: client
            )
            let result = try await client.run(Warn())
            #expect(result.notices.map(\.message) == ["one", "two lines"])
            #expect(result.notices.map(\.isWarning) == [false, true])
            #expect(result.notices.last?.sqlState == SQLState("01234"))
            // What one call collected is not the next one's.
            let next = try await client.run(BackendID())
            #expect(next.notices.isEmpty)
        }
    }

    struct Warned: Statement {
        static let sql = "INSERT INTO watched VALUES (1)"
    }

    @Test("a warning at the implicit commit is seen")
    func warningAtCommit() async throws {
        try await withTestClient { client in
            try await sql(TransactionTests.watchedTable(raising: "RAISE WARNING 'too late'"), on: client)
            let result = try await client.run(Warned())
            #expect(result.notices.map(\.message) == ["too late"])
        }
    }

    struct Length: Statement {
        var text: String
        static let sql = "SELECT length($1), $1"
        func bind(to parameters: inout PostgresParameters) { parameters.append(text) }
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> (Int, String) {
            (try row.next(), try row.next())
        }
    }

    @Test("a parameter and a result far larger than any buffer get through")
    func largeValues() async throws {
        try await withTestClient { client in
            let text = String(repeating: "0123456789abcdef", count: 1 << 20)
            let rows = try await client.query(Length(text: text), timeout: .seconds(60))
            #expect(rows.first?.0 == 16 << 20)
            #expect(rows.first?.1 == text)
        }
    }

    @Test("a value the server cannot read is not repeated in the description")
    func hidesValues() async throws {
        try await withTestClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await sql("SELECT 'canary \"x\" y'::int", on: client)
            }
            #expect(error?.sqlState == .invalidTextRepresentation)
            #expect(error?.description == "simple query: 22P02 invalid input syntax for type integer: \"…\"")
        }
    }

    @Test("a text of several statements is one transaction, and its last rows come back")
    func simpleQueries() async throws {
        try await withTestClient { client in
            let rows = try await sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (NULL); TABLE t", on: client)
            #expect(rows == [["1"], [nil]])
            await #expect(throws: PostgresError.self) { try await sql("DELETE FROM t; SELECT 1/0", on: client) }
            let kept = try await sql("SELECT count(*) FROM t", on: client)
            #expect(kept == [["2"]])
        }
    }

    @Test("COPY as a plain statement is refused and does not leave the client stuck")
    func refusesCopy() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let error = await #expect(throws: PostgresError.self) {
                try await sql("CREATE TABLE t (a int); COPY t FROM STDIN", on: client)
            }
            #expect(error?.code == .unexpectedAnswer)
            let rows = try await sql("SELECT 1", on: client)
            #expect(rows == [["1"]])
        }
    }

    struct ReadWidening: Statement {
        static let sql = "SELECT * FROM widening"
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int { try row.next() }
    }

    @Test("a migration that changes a prepared statement's columns does not fail it")
    func survivesMigrations() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql("CREATE TABLE widening AS SELECT 1 AS a", on: client)
            let before = try await client.query(ReadWidening())
            try await sql("ALTER TABLE widening ALTER a TYPE bigint", on: client)
            let after = try await client.query(ReadWidening())
            try await sql("ALTER TABLE widening ADD b int", on: client)
            let inTransaction = try await client.withTransaction { try await $0.query(ReadWidening()) }
            #expect([before, after, inTransaction] == [[1], [1], [1]])
        }
    }

    @Test("a pooler that loses or shares prepared statements is survived", arguments: [false, true])
    func survivesPoolers(_ isInTransaction: Bool) async throws {
        try await withTestClient(maximumConnections: 1) { client in
            _ = try await client.query(BackendID())
            // As PgBouncer does: the next transaction meets a server connection without our statement.
            try await sql("DEALLOCATE ALL", on: client)
            let rows =
                isInTransaction
                ? try await client.withTransaction { try await $0.query(BackendID()) }
                : try await client.query(BackendID())
            #expect(rows.count == 1)
            let prepared = try await sql("SELECT count(*) FROM pg_prepared_statements", on: client)
            #expect(prepared == [["0"]])
        }
    }

    struct ReadItem: Statement {
        var id: Int
        static let sql = "/* ReadItem */ SELECT name FROM items WHERE id = $1"
        func bind(to parameters: inout PostgresParameters) { parameters.append(id) }
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String { try row.next() }
    }

    @Test("a pipeline runs in one round trip and each slot finds its own result")
    func pipelines() async throws {
        try await withTestClient { client in
            try await sql("CREATE TABLE items (id int PRIMARY KEY, name text)", on: client)
            var pipeline = PostgresPipeline()
            let inserts = (1...300).map { pipeline.append(InsertItem(id: $0, name: "item \($0)")) }
            let read = pipeline.append(ReadItem(id: 299))
            let results = try await client.withConnection { try await $0.run(pipeline) }
            #expect(inserts.allSatisfy { results[$0].rowsAffected == 1 })
            #expect(results[read].rows == ["item 299"])
        }
    }

    @Test("a pipeline of which a statement or the commit fails has no effect, and names the culprit")
    func failingPipelines() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql(
                """
                CREATE TABLE items (id int PRIMARY KEY, name text UNIQUE DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO items VALUES (1, 'taken')
                """,
                on: client
            )
            for culprit in [InsertItem(id: 1, name: "x"), InsertItem(id: 3, name: "taken")] {
                var pipeline = PostgresPipeline()
                pipeline.append(InsertItem(id: 2, name: "fine"))
                pipeline.append(culprit)
                pipeline.append(ReadItem(id: 1))
                let attempted = pipeline
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await client.withConnection { try await $0.run(attempted) }
                }
                #expect(error?.sqlState == .uniqueViolation)
                #expect(error?.statement == (culprit.id == 1 ? "InsertItem" : "COMMIT"))
                let count = try await sql("SELECT count(*) FROM items", on: client)
                #expect(count == [["1"]])
            }
        }
    }
}
