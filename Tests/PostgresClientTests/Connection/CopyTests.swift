import PostgresClient
import TestDatabase
import Testing

@Suite struct CopyTests {
    struct Item: Sendable {
        var id: Int
        var name: String?
        var tags: [String]
    }

    struct CopyItems: CopyStatement {
        static let sql = "COPY items (id, name, tags) FROM STDIN"
        static func encode(_ row: Item, to columns: inout PostgresCopyColumns) {
            columns.append(row.id)
            columns.append(row.name)
            columns.append(row.tags)
        }
    }

    struct ReadItems: Statement {
        static let sql = "SELECT id, name, tags FROM items ORDER BY id"
        static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Item {
            Item(id: try row.next(), name: try row.next(), tags: try row.next())
        }
    }

    struct Broken: Error {}

    private static let table = "CREATE TABLE items (id int PRIMARY KEY, name text, tags text[])"

    @Test("what is copied in is what was sent, backslashes, tabs, newlines and NULLs included")
    func roundTrip() async throws {
        try await withTestClient { client in
            try await sql(Self.table, on: client)
            let names = ["", nil, "\\N", "\\.", "a\tb\nc\rd\\e", "🧵", "\\", "\"quoted\""]
            let items = names.enumerated().map { Item(id: $0, name: $1, tags: [$1 ?? "none", "x,y"]) }
            let count = try await client.withConnection { try await $0.copyIn(CopyItems.self, rows: items) }
            #expect(count == items.count)
            let read = try await client.query(ReadItems())
            #expect(read.map(\.name) == names)
            #expect(read.map(\.tags) == items.map(\.tags))
        }
    }

    @Test("a hundred thousand rows pass in pieces")
    func manyRows() async throws {
        try await withTestClient { client in
            try await sql(Self.table, on: client)
            let rows = (0..<100_000).lazy.map { Item(id: $0, name: "item \($0)", tags: []) }
            let count = try await client.withConnection { try await $0.copyIn(CopyItems.self, rows: rows) }
            #expect(count == 100_000)
        }
    }

    @Test("a source that fails leaves nothing behind and the connection usable")
    func failingSource() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql(Self.table, on: client)
            let before = try await client.query(BackendID())
            let rows = AsyncThrowingStream<Item, any Error> { continuation in
                for id in 0..<5_000 { continuation.yield(Item(id: id, name: nil, tags: ["some tag"])) }
                continuation.finish(throwing: Broken())
            }
            await #expect(throws: Broken.self) {
                try await client.withConnection { try await $0.copyIn(CopyItems.self, rows: rows) }
            }
            let count = try await sql("SELECT count(*) FROM items", on: client)
            #expect(count == [["0"]])
            let after = try await client.query(BackendID())
            #expect(before == after)
        }
    }

    @Test("a row the server refuses fails the copy")
    func refusedRow() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql(Self.table, on: client)
            let rows = [1, 2, 1].map { Item(id: $0, name: nil, tags: []) }
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { try await $0.copyIn(CopyItems.self, rows: rows) }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.statement == "CopyItems")
            let count = try await sql("SELECT count(*) FROM items", on: client)
            #expect(count == [["0"]])
        }
    }

    struct CopyNowhere: CopyStatement {
        static let sql = "COPY nowhere FROM STDIN"
        static func encode(_ row: Int, to columns: inout PostgresCopyColumns) { columns.append(row) }
    }

    @Test("a table that is missing fails before a row is asked for")
    func missingTable() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { try await $0.copyIn(CopyNowhere.self, rows: [1]) }
            }
            #expect(error?.sqlState == .undefinedTable)
            let rows = try await sql("SELECT 1", on: client)
            #expect(rows == [["1"]])
        }
    }

    @Test("a copy within a transaction ends with it")
    func inTransaction() async throws {
        try await withTestClient(maximumConnections: 1) { client in
            try await sql(Self.table, on: client)
            await #expect(throws: Broken.self) {
                try await client.withTransaction { connection in
                    try await connection.copyIn(CopyItems.self, rows: [Item(id: 1, name: nil, tags: [])])
                    throw Broken()
                }
            }
            let count = try await sql("SELECT count(*) FROM items", on: client)
            #expect(count == [["0"]])
        }
    }

    @Test("a copy whose task is cancelled has no effect")
    func cancelled() async throws {
        try await withTestClient { client in
            try await sql(Self.table, on: client)
            let (rows, continuation) = AsyncStream.makeStream(of: Item.self)
            for id in 0..<5_000 { continuation.yield(Item(id: id, name: nil, tags: [])) }
            let task = Task { try await client.withConnection { try await $0.copyIn(CopyItems.self, rows: rows) } }
            let isCopying = try await wait(
                for: "1",
                of: "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = current_database()",
                on: client
            )
            #expect(isCopying)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let count = try await sql("SELECT count(*) FROM items", on: client)
            #expect(count == [["0"]])
        }
    }
}
