import CLibPQ

/// Reads the columns of one row from the left, and names statement and column when one does not fit.
package struct PostgresRowReader: ~Copyable {
    /// The result the row belongs to; it outlives the reader, which lives only within `Statement.decode`.
    private let result: OpaquePointer
    private let row: Int32
    private let columnCount: Int32
    private let statement: String
    private var column: Int32 = 0

    init(result: OpaquePointer, row: Int32, statement: String) {
        self.result = result
        self.row = row
        self.columnCount = PQnfields(result)
        self.statement = statement
    }

    /// Reads the next column.
    ///
    /// Ask for an optional where NULL may stand.
    ///
    /// - Throws: `decodingFailed` if there is no further column, or it does not hold such a value.
    package mutating func next<Value: PostgresDecodable>(_: Value.Type = Value.self) throws(PostgresError) -> Value {
        guard column < columnCount else {
            throw PostgresError(
                .decodingFailed,
                "the row has \(columnCount) columns, but a further one was read",
                statement: statement
            )
        }
        defer { column += 1 }
        do throws(PostgresDecodingFailure) {
            return try Value(from: cell(at: column))
        } catch {
            throw decodingError(error)
        }
    }

    /// Skips the next `count` columns.
    package mutating func skip(_ count: Int = 1) {
        column += Int32(count)
    }

    private func cell(at column: Int32) -> PostgresCell {
        let type = PostgresType(rawValue: PQftype(result, column))
        guard PQgetisnull(result, row, column) == 0 else { return PostgresCell(type: type, bytes: nil) }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column),
            count: Int(PQgetlength(result, row, column))
        )
        return PostgresCell(type: type, bytes: bytes)
    }

    private func decodingError(_ failure: PostgresDecodingFailure) -> PostgresError {
        let name = PQfname(result, column).map { String(cString: $0) } ?? "?"
        var error = PostgresError(
            .decodingFailed,
            "column \(column + 1) \"\(name)\" \(failure.reason)",
            hint: failure.cure,
            statement: statement
        )
        error.column = name
        return error
    }
}
