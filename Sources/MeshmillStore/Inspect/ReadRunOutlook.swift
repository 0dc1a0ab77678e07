package import MeshmillCore
package import PostgresClient

/// What a batch can expect: keys, slots, quota, credits, the breaker and the switch.
///
/// - Returns: one row, or none if there is no such batch.
package struct ReadRunOutlook: Statement {
    package static let sql = """
        /* ReadRunOutlook */
        WITH pool_keys AS (
            SELECT k.id, k.state, k.last_verdict, k.org_id, k.ready_at, k.rate_limit, k.rate_window, k.reserve_slots,
                   meshmill.has_quota(k) AS has_quota,
                   least(k.monthly_limit, k.provider_monthly_limit)
                       - greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) - k.reserved AS quota_left,
                   o.paused OR p.paused AS is_paused,
                   coalesce(o.parked_until > meshmill.clock() OR o.credits_remaining <= o.reserved, false) AS is_broke,
                   CASE WHEN o.credits_remaining IS NOT NULL THEN greatest(o.credits_remaining - o.reserved, 0) END AS credits_left
            FROM meshmill.batches AS b
            JOIN meshmill.tenants AS t ON t.id = b.tenant_id
            JOIN meshmill.keys AS k ON k.pool_id = t.pool_id AND k.state <> 'removed'
            JOIN meshmill.orgs AS o ON o.id = k.org_id
            JOIN meshmill.pools AS p ON p.id = k.pool_id
            WHERE b.id = $1
        ), usable AS (
            SELECT * FROM pool_keys WHERE state = 'active' AND has_quota AND NOT is_paused AND NOT is_broke
        ), free AS (
            SELECT u.id, greatest(count(*) - u.reserve_slots, 0) AS slots
            FROM usable AS u
            JOIN meshmill.slots AS s ON s.key_id = u.id AND s.free_at <= meshmill.clock()
            WHERE u.ready_at <= meshmill.clock()
            GROUP BY u.id, u.reserve_slots
        ), org_quota AS (
            -- What each org can still spend: its credits, and no more than its keys' months. NULL: not known.
            SELECT least(min(u.credits_left), CASE WHEN bool_and(u.quota_left IS NOT NULL) THEN sum(u.quota_left) END) AS left
            FROM usable AS u GROUP BY u.org_id
        )
        SELECT m.used, m.reserved, b.max_credits,
               (SELECT sum(o.credits_remaining)::bigint FROM meshmill.orgs AS o
                WHERE o.id IN (SELECT k.org_id FROM pool_keys AS k)),
               (SELECT count(*) FROM pool_keys),
               (SELECT count(*) FROM usable),
               (SELECT count(*) FROM pool_keys AS k WHERE k.state = 'disabled'),
               (SELECT count(*) FROM pool_keys AS k WHERE k.state = 'parked' OR k.state = 'active' AND NOT k.has_quota),
               (SELECT count(*) FROM pool_keys AS k WHERE k.state IN ('paused', 'draining') OR k.is_paused),
               (SELECT count(DISTINCT k.org_id) FROM pool_keys AS k WHERE k.is_broke),
               (SELECT coalesce(sum(f.slots), 0)::bigint FROM free AS f),
               (SELECT min(u.ready_at) - meshmill.clock() FROM usable AS u WHERE u.ready_at > meshmill.clock()),
               (SELECT coalesce(sum((u.rate_limit - u.reserve_slots) / extract(epoch FROM u.rate_window)), 0)::double precision
                FROM usable AS u),
               (SELECT CASE WHEN bool_and(q.left IS NOT NULL) THEN sum(q.left)::bigint END FROM org_quota AS q),
               r.is_open, r.probe_at - meshmill.clock(), r.reason, r.opened_times,
               (SELECT count(*) FROM usable AS u WHERE u.last_verdict IN ('unauthorized', 'forbidden')),
               i.submitting,
               (SELECT t.paused FROM meshmill.tenants AS t WHERE t.id = b.tenant_id) OR b.state = 'paused'
        FROM meshmill.batches AS b
        JOIN meshmill.batch_balances AS m ON m.id = b.id,
        meshmill.breaker AS r, meshmill.installation AS i
        WHERE b.id = $1
        """

    /// One moment's outlook.
    package struct Row: Sendable, Hashable {
        /// Credits of the batch: spent, set aside, and the cap; `nil` without one.
        package let used: Int64
        package let reserved: Int64
        package let maximum: Int64?
        /// What the orgs are known to have; `nil` when nothing is known.
        package let creditsRemaining: Int64?
        package let keys: Int64
        package let usableKeys: Int64
        package let disabledKeys: Int64
        package let keysWithoutQuota: Int64
        package let pausedKeys: Int64
        package let orgsWithoutCredits: Int64
        package let slots: SlotOutlook
        package let breakerIsOpen: Bool
        /// Until the next probe; `nil` when the breaker is closed.
        package let probeIn: Duration?
        package let breakerReason: String?
        /// How often the breaker opened or stayed open since it last closed.
        package let breakerOpenedTimes: Int
        /// Usable keys whose last answer was 401 or 403: benched they are not, since many met it at once.
        package let refusedKeys: Int64
        /// The switch.
        package let isSubmitting: Bool
        /// Whether a person paused the batch or its tenant.
        package let isPaused: Bool
    }

    package var batchID: Int64

    package init(batchID: Int64) { self.batchID = batchID }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(batchID) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            used: try row.next(),
            reserved: try row.next(),
            maximum: try row.next(),
            creditsRemaining: try row.next(),
            keys: try row.next(),
            usableKeys: try row.next(),
            disabledKeys: try row.next(),
            keysWithoutQuota: try row.next(),
            pausedKeys: try row.next(),
            orgsWithoutCredits: try row.next(),
            slots: SlotOutlook(
                freeNow: Int(try row.next(Int64.self)),
                nextIn: try row.next(),
                perSecond: try row.next(),
                quotaLeft: try row.next(Int64?.self).map(Int.init)
            ),
            breakerIsOpen: try row.next(),
            probeIn: try row.next(),
            breakerReason: try row.next(),
            breakerOpenedTimes: Int(try row.next(Int32.self)),
            refusedKeys: try row.next(),
            isSubmitting: try row.next(),
            isPaused: try row.next()
        )
    }
}
