import Foundation
import PostgresClient

/// One changed row of the database, as the observer's triggers wrote it down.
///
/// What the numbers mean depends on the table; see ``ObserverSchema``. Times are microseconds since 1970.
struct RowChange: Sendable {
    let id: Int64
    /// The table.
    let table: String
    let numbers: [Int64?]
    let times: [Int64?]
    /// The row's state before; `nil` for a new row.
    let old: String?
    /// The row's state now; `nil` for a row that is gone.
    let new: String?
    let text: String?
    let flags: [Bool]
}

/// The changes since the last that was read, in the order in which they were made.
struct ReadChanges: Statement {
    static let sql = """
        SELECT id, what, a, b, c, d, e, f, g, h, t, u, old, new, note, p, q, r FROM observer.changes
        WHERE id > $1::bigint ORDER BY id
        """

    var after: Int64

    func bind(to parameters: inout PostgresParameters) { parameters.append(after) }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> RowChange {
        let id = try row.next(Int64.self)
        let table = try row.next(String.self)
        var numbers: [Int64?] = []
        for _ in 0..<8 { numbers.append(try row.next(Int64?.self)) }
        let times = [try row.next(Int64?.self), try row.next(Int64?.self)]
        let old = try row.next(String?.self)
        let new = try row.next(String?.self)
        let text = try row.next(String?.self)
        let flags = [try row.next(Bool.self), try row.next(Bool.self), try row.next(Bool.self)]
        return RowChange(
            id: id,
            table: table,
            numbers: numbers,
            times: times,
            old: old,
            new: new,
            text: text,
            flags: flags
        )
    }
}
