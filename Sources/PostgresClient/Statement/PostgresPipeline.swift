/// Statements of any kind that travel together: one round trip, one implicit transaction.
///
/// Each `append` returns the slot in which the statement's result is found later. The server runs them in order; if one
/// fails, those after it do not run and, outside of a transaction of the caller's, those before it are undone.
package struct PostgresPipeline: Sendable {
    /// Where the result of one statement stands.
    package struct Slot<Row: Sendable>: Sendable {
        let index: Int
    }

    private(set) var items: [any PipelineItem] = []

    package init() {}

    /// How many statements were appended.
    package var count: Int { items.count }

    package var isEmpty: Bool { items.isEmpty }

    /// Adds a statement at the end.
    @discardableResult
    package mutating func append<S: Statement>(_ statement: S) -> Slot<S.Row> {
        items.append(BoundStatement(statement))
        return Slot(index: items.count - 1)
    }
}

/// What came back for a pipeline whose statements all succeeded.
package struct PostgresPipelineResults: Sendable {
    let results: [any Sendable]

    /// Notices and warnings of the pipeline that belong to no statement, as those of its implicit commit.
    package let notices: [PostgresNotice]

    /// The result of one statement.
    ///
    /// The slot must come from the pipeline that was run.
    package subscript<Row: Sendable>(_ slot: PostgresPipeline.Slot<Row>) -> PostgresResult<Row> {
        guard slot.index < results.count, let result = results[slot.index] as? PostgresResult<Row> else {
            preconditionFailure("a slot of another pipeline")
        }
        return result
    }
}

/// A statement with its values bound, its type hidden.
protocol PipelineItem: Sendable {
    var statementName: String { get }
    var parameters: PostgresParameters { get }

    /// The prepared statement's name on a connection; nil to send it unnamed.
    func prepare(
        on connection: isolated PostgresConnection,
        _ call: PostgresConnection.Call,
        _ exchange: inout Exchange
    ) throws -> String?

    var sql: String { get }

    /// Decodes a successful result into a `PostgresResult` of the statement's row.
    func decode(_ result: borrowing ResultHandle, notices: [PostgresNotice]) throws(PostgresError) -> any Sendable
}

private struct BoundStatement<S: Statement>: PipelineItem {
    let parameters: PostgresParameters

    init(_ statement: S) {
        var parameters = PostgresParameters()
        statement.bind(to: &parameters)
        self.parameters = parameters
    }

    var statementName: String { S.name }
    var sql: String { S.sql }

    func prepare(
        on connection: isolated PostgresConnection,
        _ call: PostgresConnection.Call,
        _ exchange: inout Exchange
    ) throws -> String? {
        try connection.preparedName(S.self, call, &exchange)
    }

    func decode(_ result: borrowing ResultHandle, notices: [PostgresNotice]) throws(PostgresError) -> any Sendable {
        PostgresResult<S.Row>(rows: try result.rows(of: S.self), rowsAffected: result.rowsAffected, notices: notices)
    }
}
