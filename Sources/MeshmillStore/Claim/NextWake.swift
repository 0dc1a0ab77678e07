package import PostgresClient

/// How long until a slot, a scheduled job or a probe comes due.
///
/// - Returns: one row; `nil` when nothing is known to change by itself.
package struct NextWake: Statement {
    package static let sql = "/* NextWake */ SELECT meshmill.next_wake($1::bigint, $2::bigint)"

    package var pool: Int64?
    package var batch: Int64?

    package init(pool: Int64?, batch: Int64?) {
        self.pool = pool
        self.batch = batch
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(pool)
        parameters.append(batch)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Duration? { try row.next() }
}
