package import PostgresClient

/// Lengthens all windows by a jump forward of the server's clock.
///
/// - Returns: one row: whether it was news; `false` if another worker had reported it.
package struct NoteClockStep: Statement {
    /// Two instants of the server's own clock, between which the jump lies.
    package var since: PostgresTimestamp
    package var until: PostgresTimestamp
    /// Its length; positive.
    package var step: Duration

    package init(since: PostgresTimestamp, until: PostgresTimestamp, step: Duration) {
        self.since = since
        self.until = until
        self.step = step
    }

    package static let sql = """
        /* NoteClockStep */
        SELECT meshmill.note_clock_step($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(since)
        parameters.append(until)
        parameters.append(step)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Bool {
        try row.next()
    }
}
