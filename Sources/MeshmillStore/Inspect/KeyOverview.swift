package import PostgresClient

/// A key as `ops.keys` shows it.
package struct KeyOverview: Sendable, Hashable {
    package var name: String
    /// `active`, `paused`, `draining`, `parked`, `disabled` or `removed`.
    package var status: String
    package var reason: String?
    package var org: String
    package var pool: String
    package var rateLimit: Int
    package var rateWindow: Duration
    package var freeSlots: Int
    package var reserveSlots: Int
    /// The earliest instant of its next POST, by slots and holds.
    package var nextPostAt: PostgresTimestamp
    /// Why it sends nothing now: its status, `submitting`, `hold`, `window`, `reserve`, `pace`, `quota`, `paused` or
    /// `credits`; nil: it is ready.
    package var blockedBy: String?
    package var blockedUntil: PostgresTimestamp?
    /// `slots`, `paced` or `strict`; the same for all keys.
    package var windowModel: String
    /// By its pace, the earliest instant of its next POST; nil in the model `slots`.
    package var nextSendAt: PostgresTimestamp?
    package var margin: Duration
    package var pausedUntil: PostgresTimestamp?
    package var probeAt: PostgresTimestamp?
    /// POSTs under way and generations that the provider works on.
    package var submitting: Int
    package var generating: Int
    /// The lesser of our limit and the provider's; nil: none.
    package var monthlyLimit: Int64?
    package var monthlyUsed: Int64
    /// Credits it may still spend this month; nil: no limit.
    package var monthlyLeft: Int64?
    package var creditsReserved: Int64
    package var posts: Int64
    package var acceptedAt: PostgresTimestamp?
    package var lastPostAt: PostgresTimestamp?
    package var createdAt: PostgresTimestamp
    /// The database's clock when this was read.
    package var now: PostgresTimestamp

    /// The columns of `ops.keys AS k` that are read, in order.
    static let columns = """
        k.key, k.status::text, k.reason, k.org, k.pool, k.rate_limit, k.rate_window, k.free_slots, k.reserve_slots,
        k.next_post_at, k.blocked_by, k.blocked_until, k.window_model::text, k.next_send_at, k.margin, k.paused_until, k.probe_at, k.submitting, k.generating, k.monthly_limit,
        k.monthly_used, k.monthly_left, k.credits_reserved, k.posts, k.accepted_at, k.last_post_at, k.created_at,
        meshmill.clock()
        """

    init(_ row: inout PostgresRowReader) throws(PostgresError) {
        name = try row.next()
        status = try row.next()
        reason = try row.next()
        org = try row.next()
        pool = try row.next()
        rateLimit = try row.next()
        rateWindow = try row.next()
        freeSlots = try row.next()
        reserveSlots = try row.next()
        nextPostAt = try row.next()
        blockedBy = try row.next()
        blockedUntil = try row.next()
        windowModel = try row.next()
        nextSendAt = try row.next()
        margin = try row.next()
        pausedUntil = try row.next()
        probeAt = try row.next()
        submitting = try row.next()
        generating = try row.next()
        monthlyLimit = try row.next()
        monthlyUsed = try row.next()
        monthlyLeft = try row.next()
        creditsReserved = try row.next()
        posts = try row.next()
        acceptedAt = try row.next()
        lastPostAt = try row.next()
        createdAt = try row.next()
        now = try row.next()
    }
}
