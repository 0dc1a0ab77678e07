/// All that came back for one statement.
package struct PostgresResult<Row: Sendable>: Sendable {
    /// The rows, in the server's order.
    package var rows: [Row]

    /// Rows inserted, updated, deleted, copied or selected; 0 for statements that count none.
    package var rowsAffected: Int

    /// Notices and warnings raised while the statement ran, and by its implicit commit if it stood alone.
    ///
    /// A warning after a write deserves a look: a server that could not reach its synchronous standby in time
    /// reports success and a warning. At most 100 are kept per call.
    package var notices: [PostgresNotice]
}
