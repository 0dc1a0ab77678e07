package import MeshmillCore
package import PostgresClient

/// The keys that may be used now or later, as a forecast takes them, by id; paused, disabled and removed ones are not.
package struct ReadForecastKeys: Statement {
    package struct Row: Sendable {
        package var key: ForecastKey
        package var orgName: String
        /// Credits that the org is known to have and has not reserved; nil: not known.
        package var orgCreditsLeft: Int?
    }

    /// From a POST to its answer, as measured: POSTs that are out are taken to be answered then.
    package var answer: Duration

    package init(answer: Duration) {
        self.answer = answer
    }

    package static let sql = """
        /* ReadForecastKeys */
        SELECT k.name, k.pool_id, k.rate_limit, k.rate_window, k.margin, k.reserve_slots,
               meshmill.window_model()::text,
               greatest(
                   CASE WHEN f.id IS NULL THEN k.ready_at ELSE greatest(
                       k.blocked_until, f.answer_at, f.answer_at + meshmill.pace(
                           meshmill.window_model(), k.rate_limit, k.reserve_slots, k.rate_window, k.margin)) END,
                   o.parked_until, CASE WHEN k.state = 'parked' THEN k.probe_at END) - c.now,
               ARRAY(SELECT extract(epoch FROM CASE WHEN s.attempt_id = f.id THEN f.answer_at + k.rate_window + k.margin
                                                    ELSE s.free_at END - c.now)::double precision
                     FROM meshmill.slots AS s WHERE s.key_id = k.id),
               least(k.monthly_limit, k.provider_monthly_limit),
               least(k.monthly_limit, k.provider_monthly_limit)
                   - greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) - k.reserved,
               meshmill.next_reset(k, c.now) - c.now,
               o.name,
               o.credits_remaining - o.reserved
        FROM meshmill.keys AS k
        JOIN meshmill.orgs AS o ON o.id = k.org_id AND NOT o.paused
        JOIN meshmill.pools AS p ON p.id = k.pool_id AND NOT p.paused
        CROSS JOIN (SELECT meshmill.clock() AS now) AS c
        LEFT JOIN LATERAL (
            -- Until the answer, its slot is taken for longer than it nearly ever is.
            SELECT a.id, greatest(a.claimed_at + $1, c.now) AS answer_at
            FROM meshmill.attempts AS a WHERE a.key_id = k.id AND a.state = 'submitting'
        ) AS f ON true
        WHERE k.state IN ('active', 'parked')
        ORDER BY k.id
        """

    package func bind(to parameters: inout PostgresParameters) { parameters.append(answer) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        var key = ForecastKey(
            name: try row.next(),
            org: 0,
            pool: try row.next(),
            limit: Int(try row.next(Int64.self)),
            window: try row.next(),
            margin: try row.next(),
            reserve: Int(try row.next(Int64.self)),
            windowModel: ForecastKey.WindowModel(rawValue: try row.next()) ?? .strict,
            blockedFor: try row.next()
        )
        key.slots = try row.next([Double].self).map { .seconds($0) }
        key.monthlyLimit = try row.next(Int64?.self).map(Int.init)
        key.monthlyLeft = try row.next(Int64?.self).map(Int.init)
        key.monthTurnsIn = try row.next()
        return Row(
            key: key,
            orgName: try row.next(),
            orgCreditsLeft: try row.next(Int64?.self).map(Int.init)
        )
    }
}
