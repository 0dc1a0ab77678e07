package import PostgresClient

/// Closes the breaker at once, and writes the audit log.
///
/// - Returns: one row: whether it was open.
package struct ResetBreaker: Statement {
    package static let sql = "/* ResetBreaker */ SELECT ops.reset_breaker($1::text)"

    /// Why; for the audit log.
    package var reason: String?

    package init(reason: String?) { self.reason = reason }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(reason) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Bool { try row.next() }
}
