package import PostgresClient

/// Asks the tables whether what must always hold does.
///
/// - Returns: a row for each check, in order. It reads whole tables.
package struct RunAudit: Statement {
    package static let sql = """
        /* RunAudit */
        SELECT name, holds, violations, findings::text FROM meshmill.run_audit($1::integer)
        """

    /// One check.
    package struct Row: Sendable, Hashable {
        package let name: String
        /// What it says holds.
        package let holds: String
        package let violations: Int64
        /// A JSON array of the first offending rows.
        package let findings: String
    }

    /// The most offending rows that each check lists.
    package var rows: Int

    package init(rows: Int = 100) { self.rows = rows }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(rows) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(name: try row.next(), holds: try row.next(), violations: try row.next(), findings: try row.next())
    }
}
