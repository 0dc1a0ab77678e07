package import PostgresClient

/// Which window model is in force and what 429s said, as `ops.window_model` shows it.
package struct ReadWindowModel: Statement {
    package struct Row: Sendable, Hashable {
        /// `slots`, `paced` or `strict`.
        package let model: String
        /// `auto`, or the pinned model.
        package let setting: String
        /// What 429s led to.
        package let learned: String
        package let changedAt: PostgresTimestamp
        package let reason: String?
        /// 429s since learning began, of the last thousand, and how many of them nothing explains.
        package let rateLimited: Int64
        package let unexplained: Int64
        /// How well the 429s fit a log of requests that others share, 0 to 1; `nil`, here and below, without data.
        package let logScore: Double?
        /// How well they fit fixed windows or counters.
        package let phaseScore: Double?
        /// How well they fit a bucket or spaced requests.
        package let spacingScore: Double?
        /// When the database's clock was last seen to have jumped forward.
        package let clockSteppedAt: PostgresTimestamp?
        /// When a restore or failover was last noticed, and what it was.
        package let restoredAt: PostgresTimestamp?
        package let restored: String?
    }

    package init() {}

    package static let sql = """
        /* ReadWindowModel */
        SELECT w.window_model::text, w.setting, w.learned::text, w.changed_at, w.reason, w.rate_limited, w.unexplained,
               w.log_score::float8, w.phase_score::float8, w.spacing_score::float8, w.clock_stepped_at, w.restored_at,
               w.restored
        FROM ops.window_model AS w
        """

    package func bind(to parameters: inout PostgresParameters) {}

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            model: try row.next(),
            setting: try row.next(),
            learned: try row.next(),
            changedAt: try row.next(),
            reason: try row.next(),
            rateLimited: try row.next(),
            unexplained: try row.next(),
            logScore: try row.next(),
            phaseScore: try row.next(),
            spacingScore: try row.next(),
            clockSteppedAt: try row.next(),
            restoredAt: try row.next(),
            restored: try row.next()
        )
    }
}
