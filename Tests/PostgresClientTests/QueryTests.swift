import PostgresClient
import TestDatabase
import Testing

struct SelectOne: Statement {
    static let sql = "SELECT 1::bigint"
    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int { try row.next() }
}

@Suite struct QueryTests {
    @Test("a statement returns its rows")
    func returnsRows() async throws {
        try await withTestClient { client in
            let first = try await client.query(SelectOne())
            let second = try await client.query(SelectOne())
            #expect(first == [1])
            #expect(second == [1])
        }
    }
}
