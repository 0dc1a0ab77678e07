package import PostgresClient

/// Queues scheduled jobs whose time has come.
///
/// - Returns: one row: how many.
package struct PromoteJobs: Statement {
    package static let sql = "/* PromoteJobs */ SELECT meshmill.promote($1::integer)"

    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(limit) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        Int(try row.next(Int32.self))
    }
}

/// Does what falls due with time and belongs to no job: doubts become charges, months turn, batches close.
package struct KeepHouse: Statement {
    package static let sql = """
        /* KeepHouse */
        SELECT meshmill.charge_doubts(1000), meshmill.turn_months(), meshmill.close_batches()
        """

    package init() {}
}
