package import PostgresClient

/// Resumes keys whose pause is over.
///
/// A transaction of its own, since it locks keys and housekeeping locks what comes after them.
///
/// - Returns: one row: how many.
package struct ResumePausedKeys: Statement {
    package init() {}

    package static let sql = """
        /* ResumePausedKeys */
        SELECT meshmill.resume_paused_keys()
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int {
        try row.next()
    }
}
