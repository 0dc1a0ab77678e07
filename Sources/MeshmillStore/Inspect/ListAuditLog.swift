package import PostgresClient

/// What people did, newest first, a page at a time.
package struct ListAuditLog: Statement {
    package struct Row: Sendable, Hashable {
        package var id: Int64
        package var at: PostgresTimestamp
        /// The database user.
        package var who: String
        /// The person.
        package var actor: String
        package var what: String
        package var subject: String
        /// JSON; nil: there was nothing.
        package var before: String?
        package var after: String?
        package var reason: String?
        /// The entry that this one took back.
        package var undoes: Int64?
    }

    /// Only what was done to this; nil: all.
    package var subject: String?
    /// The last id of the page before; nil: the first page.
    package var before: Int64?
    package var limit: Int

    package init(subject: String? = nil, before: Int64? = nil, limit: Int = 100) {
        self.subject = subject
        self.before = before
        self.limit = limit
    }

    package static let sql = """
        /* ListAuditLog */
        SELECT audit_id, at, who, actor, what, subject, before::text, after::text, reason, undoes
        FROM ops.audit_log
        WHERE ($1::text IS NULL OR subject = $1)
          AND ($2::bigint IS NULL OR audit_id < $2)
        ORDER BY audit_id DESC
        LIMIT $3
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(subject)
        parameters.append(before)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            at: try row.next(),
            who: try row.next(),
            actor: try row.next(),
            what: try row.next(),
            subject: try row.next(),
            before: try row.next(),
            after: try row.next(),
            reason: try row.next(),
            undoes: try row.next()
        )
    }
}
