package import PostgresClient

/// A batch as `ops.batches` shows it.
package struct BatchOverview: Sendable, Hashable {
    package var id: Int64
    /// `open`, `paused` or `finished`.
    package var status: String
    package var tenant: String
    /// Absolute path of the output folder.
    package var out: String
    /// Jobs by status; each count stops at 10,000.
    package var counts: [(status: String, jobs: Int64)] { zip(Self.statuses, jobs).map { ($0, $1) } }
    /// Whether a count stopped.
    package var isCapped: Bool
    package var credits: Int64
    package var creditsReserved: Int64
    /// Cap of credits; nil: none.
    package var maxCredits: Int64?
    package var createdAt: PostgresTimestamp
    package var submittedAt: PostgresTimestamp

    private var jobs: [Int64]

    private static let statuses = [
        "scheduled", "queued", "submitting", "generating", "downloading", "completed", "failed", "cancelled", "held",
    ]

    /// The columns of `ops.batches AS b` that are read, in order.
    static let columns = """
        b.batch_id, b.status::text, b.tenant, b.out, b.scheduled, b.queued, b.submitting, b.generating, b.downloading,
        b.completed, b.failed, b.cancelled, b.held, b.capped, b.credits, b.credits_reserved, b.max_credits,
        b.created_at, b.submitted_at
        """

    init(_ row: inout PostgresRowReader) throws(PostgresError) {
        id = try row.next()
        status = try row.next()
        tenant = try row.next()
        out = try row.next()
        jobs = []
        for _ in Self.statuses { jobs.append(try row.next()) }
        isCapped = try row.next()
        credits = try row.next()
        creditsReserved = try row.next()
        maxCredits = try row.next()
        createdAt = try row.next()
        submittedAt = try row.next()
    }
}
