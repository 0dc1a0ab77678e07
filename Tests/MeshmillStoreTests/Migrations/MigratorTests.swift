import PostgresClient
import TestDatabase
import Testing

@testable import MeshmillStore

@Suite("Migrations")
struct MigratorTests {
    private func withEmptyDatabase(_ body: (PostgresClient, String) async throws -> Void) async throws {
        try await withTestDatabase { connectionString in
            let client = StoreTestDatabase.client(connectionString)
            do {
                try await body(client, connectionString)
                await client.close()
            } catch {
                await client.close()
                throw error
            }
        }
    }

    @Test("bring an empty database up to date, and a second time do nothing")
    func twice() async throws {
        try await withEmptyDatabase { client, _ async throws in
            let migrator = Migrator(client)
            #expect(try await migrator.state() == .empty)
            #expect(try await migrator.migrate() == Migration.embedded.map(\.name) + ["routines"])
            #expect(try await migrator.state() == .current)
            #expect(try await migrator.migrate() == [])
        }
    }

    @Test("bring along an installation from before there were routines")
    func fromBeforeRoutines() async throws {
        try await withEmptyDatabase { client, _ async throws in
            let old = Migrator(client, migrations: Array(Migration.embedded.prefix(7)), routines: .none)
            #expect(try await old.migrate().count == 7)
            let missing = Migration.embedded.dropFirst(7).map(\.name) + [Routines.name]
            #expect(try await Migrator(client).state() == .behind(missing: missing))
            #expect(try await Migrator(client).migrate() == missing)
            #expect(try await Migrator(client).state() == .current)
        }
    }

    @Test("are in order, numbered without gaps")
    func areInOrder() {
        let names = Migration.embedded.map(\.name)
        #expect(names == names.sorted())
        for (index, name) in names.enumerated() { #expect(Int(name.prefix(4)) == index + 1) }
    }

    @Test("are applied once each when 20 clients migrate at once")
    func atOnce() async throws {
        try await withEmptyDatabase { _, connectionString async throws in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let client = StoreTestDatabase.client(connectionString, connections: 1)
                        do {
                            let names = try await Migrator(client).migrate()
                            await client.close()
                            return names
                        } catch {
                            await client.close()
                            throw error
                        }
                    }
                }
                var names: [String] = []
                for try await some in group { names += some }
                return names
            }
            #expect(applied == Migration.embedded.map(\.name) + ["routines"])
        }
    }

    @Test("that cannot finish leave a database as it was")
    func areWhole() async throws {
        try await withEmptyDatabase { client, _ async throws in
            let good = Migration(name: "0001_good", sql: "CREATE TABLE meshmill.good (id int)")
            let better = Migration(name: "0002_better", sql: "CREATE TABLE meshmill.better (id int)")
            let bad = Migration(name: "0003_bad", sql: "CREATE TABLE meshmill.half (id int); SELECT 1 / 0")
            func migrator(_ migrations: Migration...) -> Migrator {
                Migrator(client, migrations: migrations, routines: .none)
            }
            await #expect(throws: PostgresError.self) { try await migrator(good, bad).migrate() }
            #expect(try await migrator(good).state() == .empty)
            #expect(try await migrator(good).migrate() == ["0001_good"])
            await #expect(throws: PostgresError.self) { try await migrator(good, better, bad).migrate() }
            let state = try await migrator(good, better, bad).state()
            #expect(state == .behind(missing: ["0002_better", "0003_bad"]))
        }
    }

    @Test("make the functions and views anew when their text changed, and only then")
    func renewRoutines() async throws {
        try await withEmptyDatabase { client, _ async throws in
            func routines(_ create: String) -> Routines {
                Routines(files: [Routines.embeddedDrop, (file: "10_answers.sql", sql: create)])
            }
            let table = Migration(name: "0001_answers", sql: "CREATE SCHEMA ops; CREATE TABLE meshmill.answers (n int)")
            let one = routines(
                """
                CREATE FUNCTION meshmill.answer() RETURNS int LANGUAGE sql RETURN 1;
                CREATE FUNCTION meshmill.gone() RETURNS int LANGUAGE sql RETURN meshmill.answer();
                CREATE VIEW ops.answers AS SELECT n, meshmill.answer() AS answer FROM meshmill.answers;
                """
            )
            let two = routines(
                """
                CREATE FUNCTION meshmill.answer(times int DEFAULT 1) RETURNS text LANGUAGE sql RETURN repeat('b', times);
                CREATE VIEW ops.answers AS SELECT meshmill.answer(2) AS answer, n FROM meshmill.answers;
                """
            )
            let wider = Migration(name: "0002_wider", sql: "ALTER TABLE meshmill.answers ALTER n TYPE bigint")
            #expect(
                try await Migrator(client, migrations: [table], routines: one).migrate() == [
                    "0001_answers", "routines",
                ]
            )
            #expect(try await Migrator(client, migrations: [table], routines: one).migrate() == [])
            let behind = try await Migrator(client, migrations: [table], routines: two).state()
            #expect(behind == .behind(missing: ["routines"]))
            // The view would stand in the way of the new type.
            let next = Migrator(client, migrations: [table, wider], routines: two)
            #expect(try await next.migrate() == ["0002_wider", "routines"])
            let found = try await client.withConnection {
                try await $0.simpleQuery("SELECT meshmill.answer(2), to_regproc('meshmill.gone')").rows
            }
            #expect(found == [["bb", nil]])
            await #expect(throws: MigrationError.newer("0002_wider")) {
                try await Migrator(client, migrations: [table], routines: one).migrate()
            }
        }
    }

    @Test("FAULTS 33: refuse a database that knows one more, or one otherwise")
    func refuse() async throws {
        try await withEmptyDatabase { client, _ async throws in
            let first = Migration(name: "0001_first", sql: "SELECT 1")
            let second = Migration(name: "0002_second", sql: "SELECT 2")
            _ = try await Migrator(client, migrations: [first, second], routines: .none).migrate()
            await #expect(throws: MigrationError.newer("0002_second")) {
                try await Migrator(client, migrations: [first], routines: .none).migrate()
            }
            let edited = Migration(name: "0001_first", sql: "SELECT 3")
            await #expect(throws: MigrationError.changed("0001_first")) {
                try await Migrator(client, migrations: [edited, second], routines: .none).state()
            }
        }
    }

    @Test("tell a database of somebody else from an empty one")
    func tellForeign() async throws {
        try await withEmptyDatabase { client, _ async throws in
            try await client.withConnection { _ = try await $0.simpleQuery("CREATE TABLE photos (id int)") }
            #expect(try await Migrator(client).state() == .foreign)
        }
    }

    @Test("need no superuser, only the right to create a schema")
    func needNoSuperuser() async throws {
        try await withEmptyDatabase { client, _ async throws in
            let steps = Migration.embedded.map(\.sql) + [Routines.embedded.drop, Routines.embedded.create]
            try await client.withConnection { connection in
                let role = "migrator_\(try await connection.simpleQuery("SELECT pg_backend_pid()").rows[0][0] ?? "")"
                try await connection.simpleQuery("CREATE ROLE \(role); SELECT 1")
                let database = try await connection.simpleQuery("SELECT current_database()").rows[0][0] ?? ""
                try await connection.simpleQuery("GRANT CREATE ON DATABASE \(database) TO \(role); SET ROLE \(role)")
                for step in steps { try await connection.simpleQuery(step) }
                try await connection.simpleQuery("RESET ROLE; DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
            }
        }
    }

    @Test("describe every table, column, view, function, type and index for operators")
    func describeEverything() async throws {
        try await StoreTestDatabase.with { database async throws in
            let bare = try await database.sql(
                """
                SELECT 'relation ' || c.oid::regclass FROM pg_class AS c
                WHERE c.relnamespace::regnamespace::text IN ('meshmill', 'ops') AND c.relkind IN ('r', 'v')
                  AND obj_description(c.oid, 'pg_class') IS NULL
                UNION ALL
                SELECT 'column ' || c.oid::regclass || '.' || a.attname
                FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace::regnamespace::text IN ('meshmill', 'ops') AND c.relkind IN ('r', 'v')
                  AND col_description(c.oid, a.attnum) IS NULL
                UNION ALL
                SELECT 'function ' || p.oid::regprocedure FROM pg_proc AS p
                WHERE p.pronamespace::regnamespace::text IN ('meshmill', 'ops')
                  AND obj_description(p.oid, 'pg_proc') IS NULL
                UNION ALL
                SELECT 'type ' || t.oid::regtype FROM pg_type AS t
                WHERE t.typnamespace::regnamespace::text IN ('meshmill', 'ops') AND t.typtype = 'e'
                  AND obj_description(t.oid, 'pg_type') IS NULL
                UNION ALL
                SELECT 'index ' || i.indexrelid::regclass FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
                WHERE c.relnamespace::regnamespace::text = 'meshmill'
                  AND obj_description(i.indexrelid, 'pg_class') IS NULL
                  AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
                """
            )
            #expect(bare == [])
        }
    }
}
