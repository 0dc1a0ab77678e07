package import PostgresClient

/// Turns the switch; the row is false if it stood so already.
package struct SetSubmitting: Statement {
    /// False stops every new POST within two seconds.
    package var isSubmitting: Bool
    package var reason: String?

    package init(_ isSubmitting: Bool, reason: String? = nil) {
        self.isSubmitting = isSubmitting
        self.reason = reason
    }

    package static let sql = """
        /* SetSubmitting */
        SELECT CASE WHEN $1 THEN ops.start_submitting($2) ELSE ops.stop_submitting($2) END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(isSubmitting)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Bool {
        try row.next()
    }
}
