package import PostgresClient

/// Where the credits of a span of time went.
package struct ReadLedgerTotals: Statement {
    /// What the credits are added up by.
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case key, tenant, batch, day
    }

    package struct Row: Sendable, Hashable {
        /// A key's or a tenant's name, a batch's id, or a day in UTC; nil: nobody of ours.
        package var subject: String?
        /// The key's org, or the batch's output folder; nil: nothing more to say.
        package var detail: String?
        package var charged: Int64
        package var refunded: Int64
        /// Used by others, as the provider's counters showed.
        package var external: Int64
        /// Added by the provider, as its counters showed; negative: taken.
        package var adjusted: Int64
        package var posts: Int64

        /// Charged and not refunded.
        package var spent: Int64 { charged - refunded }
    }

    package var subject: Subject
    /// The first instant; nil: from the beginning.
    package var since: PostgresTimestamp?
    /// The first instant that is not included; nil: up to now.
    package var until: PostgresTimestamp?

    package init(by subject: Subject, since: PostgresTimestamp? = nil, until: PostgresTimestamp? = nil) {
        self.subject = subject
        self.since = since
        self.until = until
    }

    package static let sql = """
        /* ReadLedgerTotals */
        SELECT subject, detail, charged, refunded, external, adjusted, posts
        FROM meshmill.ledger_totals($1, $2, $3)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(subject.rawValue)
        parameters.append(since)
        parameters.append(until)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            subject: try row.next(),
            detail: try row.next(),
            charged: try row.next(),
            refunded: try row.next(),
            external: try row.next(),
            adjusted: try row.next(),
            posts: try row.next()
        )
    }
}
