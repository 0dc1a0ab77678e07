/// One SQL statement: its text, its parameters, its row.
///
/// The text is fixed per type and prepared once per connection; values are always bound, never spliced. Parameters
/// travel as text whose type the server infers (write casts such as `$1::bigint[]` where it cannot), results in
/// PostgreSQL's binary format, so that no session setting changes the meaning of either.
package protocol Statement: Sendable {
    /// What one row becomes; `Void` if nobody reads rows.
    associatedtype Row: Sendable = Void

    /// The name shown in errors and in the prepared statement's name. By default the type's name.
    static var name: String { get }

    /// The text, with `$1`, `$2`, … for parameters in the order in which `bind` appends them.
    static var sql: String { get }

    /// Appends the parameters in order. By default none.
    func bind(to parameters: inout PostgresParameters)

    /// Reads one row, column by column from the left. By default reads nothing, if `Row` is `Void`.
    ///
    /// - Throws: `PostgresError` with code `decodingFailed` that names the statement and the column.
    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row
}

extension Statement {
    package static var name: String { "\(Self.self)" }

    package func bind(to parameters: inout PostgresParameters) {}
}

extension Statement where Row == Void {
    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) {}
}
