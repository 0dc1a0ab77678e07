package import PostgresClient

/// The entries of the ledger in a span of time, those of old jobs as well, oldest first, a page at a time.
package struct ListLedger: Statement {
    package struct Row: Sendable, Hashable {
        package var id: Int64
        package var at: PostgresTimestamp
        /// `reserve`, `charge`, `refund`, `release`, `adjust` or `external`.
        package var kind: String
        package var credits: Int64
        /// The key's name; nil: not known.
        package var key: String?
        package var org: String
        /// Who asked; nil: nobody of ours.
        package var tenant: String?
        package var batchID: Int64?
        package var jobID: Int64?
        package var attemptID: Int64?
    }

    package var since: PostgresTimestamp?
    package var until: PostgresTimestamp?
    /// The last id of the page before; 0: the first page.
    package var after: Int64 = 0
    package var limit = 5_000

    package init(since: PostgresTimestamp? = nil, until: PostgresTimestamp? = nil) {
        self.since = since
        self.until = until
    }

    package static let sql = """
        /* ListLedger */
        SELECT l.id, l.at, l.kind, l.amount,
               (SELECT k.name FROM meshmill.keys AS k WHERE k.id = l.key_id),
               (SELECT o.name FROM meshmill.orgs AS o WHERE o.id = l.org_id),
               (SELECT t.name FROM meshmill.tenants AS t WHERE t.id = l.tenant_id),
               l.batch_id,
               (SELECT a.job_id FROM meshmill.all_attempts AS a WHERE a.id = l.attempt_id LIMIT 1),
               l.attempt_id
        FROM meshmill.all_ledger AS l
        WHERE l.id > $3 AND l.at >= coalesce($1::timestamptz, '-infinity') AND l.at < coalesce($2::timestamptz, 'infinity')
        ORDER BY l.id
        LIMIT $4
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(since)
        parameters.append(until)
        parameters.append(after)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            at: try row.next(),
            kind: try row.next(),
            credits: try row.next(),
            key: try row.next(),
            org: try row.next(),
            tenant: try row.next(),
            batchID: try row.next(),
            jobID: try row.next(),
            attemptID: try row.next()
        )
    }
}
