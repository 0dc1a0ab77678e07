extension StageSQL {
    /// The rules that no schedule may break: one row for each breach.
    static let violations = """
        CREATE FUNCTION interleaving.violations() RETURNS SETOF text LANGUAGE sql AS $$
        -- Slots and POSTs.
        SELECT format('attempt %s holds %s slots', s.attempt_id, count(*))
        FROM meshmill.slots AS s WHERE s.attempt_id IS NOT NULL GROUP BY s.attempt_id HAVING count(*) > 1
        UNION ALL
        SELECT format('key %s has %s slots, its limit is %s', k.id, s.n, k.rate_limit)
        FROM meshmill.keys AS k
        CROSS JOIN LATERAL (SELECT count(*) AS n FROM meshmill.slots AS s WHERE s.key_id = k.id) AS s
        WHERE s.n <> k.rate_limit
        UNION ALL
        SELECT format('attempt %s is under way without a slot of its own', a.id)
        FROM meshmill.attempts AS a JOIN meshmill.keys AS k ON k.id = a.key_id
        WHERE a.state = 'submitting' AND NOT EXISTS (
            SELECT 1 FROM meshmill.slots AS s
            WHERE s.attempt_id = a.id AND s.key_id = a.key_id AND s.ordinal = a.slot
              AND s.free_at >= a.counted_by + k.rate_window + k.margin)
        UNION ALL
        SELECT format('key %s: the provider may count %s POSTs, but only %s slots are taken', k.id, a.n, s.n)
        FROM meshmill.keys AS k
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM meshmill.attempts AS a
            WHERE a.key_id = k.id AND a.state <> 'unsent'
              AND coalesce(a.answered_at, a.counted_by) + k.rate_window + k.margin > meshmill.clock()) AS a
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM meshmill.slots AS s WHERE s.key_id = k.id AND s.free_at > meshmill.clock()) AS s
        WHERE s.n < least(a.n, k.rate_limit)
        UNION ALL
        SELECT format('key %s has %s POSTs in flight', a.key_id, count(*))
        FROM meshmill.attempts AS a WHERE a.state = 'submitting' GROUP BY a.key_id HAVING count(*) > 1
        UNION ALL
        SELECT format('key %s may send while its POST is under way', k.id)
        FROM meshmill.keys AS k JOIN meshmill.attempts AS a ON a.key_id = k.id AND a.state = 'submitting'
        WHERE k.ready_at < a.counted_by
        UNION ALL
        SELECT format('key %s sleeps until %s though nothing holds it', k.id, k.ready_at)
        FROM meshmill.keys AS k
        WHERE k.ready_at > greatest(meshmill.clock(), k.blocked_until,
                (SELECT s.free_at FROM meshmill.slots AS s WHERE s.key_id = k.id
                 ORDER BY s.free_at, s.ordinal OFFSET k.reserve_slots LIMIT 1))
          AND NOT EXISTS (
              SELECT 1 FROM meshmill.attempts AS a
              WHERE a.key_id = k.id AND a.answered_at IS NULL AND a.counted_by > meshmill.clock())

        -- Credits: limits that were not lowered meanwhile.
        UNION ALL
        SELECT format('key %s is overdrawn: %s used, %s reserved, limit %s', k.id, k.monthly_used, k.reserved, k.monthly_limit)
        FROM meshmill.keys AS k JOIN interleaving.keys AS o ON o.id = k.id
        WHERE k.monthly_limit >= o.monthly_limit
          AND greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) + k.reserved > k.monthly_limit
        UNION ALL
        SELECT format('org %s is overdrawn: %s reserved, %s left', o.id, o.reserved, o.credits_remaining)
        FROM meshmill.orgs AS o JOIN interleaving.orgs AS s ON s.id = o.id
        WHERE o.credits_remaining = s.credits_remaining AND o.reserved > o.credits_remaining
        UNION ALL
        SELECT format('tenant %s is over its budget: %s used, %s reserved', t.id, t.monthly_used, t.reserved)
        FROM meshmill.tenants AS t WHERE t.monthly_used + t.reserved > t.monthly_budget
        UNION ALL
        SELECT format('batch %s is over its cap: %s used, %s reserved', b.id, b.used, b.reserved)
        FROM meshmill.batches AS b WHERE b.used + b.reserved > b.max_credits

        -- The ledger folds to the cached balances.
        UNION ALL
        SELECT format('key %s says %s reserved and %s used, its ledger %s and %s', k.id, k.reserved, k.monthly_used, l.reserved, l.used)
        FROM meshmill.keys AS k CROSS JOIN LATERAL interleaving.fold(k.id, NULL, NULL, NULL, NULL, k.month) AS l
        WHERE (k.reserved, k.monthly_used) <> (l.reserved, l.used)
        UNION ALL
        SELECT format('org %s says %s reserved, its ledger %s', o.id, o.reserved, l.reserved)
        FROM meshmill.orgs AS o CROSS JOIN LATERAL interleaving.fold(NULL, o.id, NULL, NULL, NULL) AS l
        WHERE o.reserved <> l.reserved
        UNION ALL
        SELECT format('tenant %s says %s reserved and %s used, its ledger %s and %s', t.id, b.reserved, b.monthly_used, l.reserved, l.used)
        FROM meshmill.tenants AS t JOIN meshmill.tenant_balances AS b USING (id) CROSS JOIN LATERAL interleaving.fold(NULL, NULL, t.id, NULL, t.period) AS l
        WHERE (b.reserved, b.monthly_used) <> (l.reserved, l.used)
        UNION ALL
        SELECT format('batch %s says %s reserved and %s used, its ledger %s and %s', b.id, b.reserved, b.used, l.reserved, l.used)
        FROM meshmill.batch_balances AS b CROSS JOIN LATERAL interleaving.fold(NULL, NULL, NULL, b.id, NULL) AS l
        WHERE (b.reserved, b.used) <> (l.reserved, l.used)
        UNION ALL
        SELECT format('attempt %s says reserved: %s, %s credits, its ledger %s and %s', a.id, a.reserved, a.credits, l.reserved, l.used)
        FROM meshmill.attempts AS a
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE e.kind WHEN 'reserve' THEN 1 WHEN 'charge' THEN -1 WHEN 'release' THEN -1 END), 0) = 1,
                   coalesce(sum(CASE e.kind WHEN 'charge' THEN e.amount WHEN 'refund' THEN -e.amount END), 0)
            FROM meshmill.ledger AS e WHERE e.attempt_id = a.id) AS l (reserved, used)
        WHERE (a.reserved, a.credits) <> (l.reserved, l.used)

        -- Jobs and their attempts.
        UNION ALL
        SELECT format('job %s has %s live attempts', a.job_id, count(*))
        FROM meshmill.attempts AS a WHERE a.state IN ('submitting', 'generating') GROUP BY a.job_id HAVING count(*) > 1
        UNION ALL
        SELECT format('job %s is %s, its attempt %s is %s', j.id, j.state, j.attempt_id, coalesce(a.state::text, 'missing'))
        FROM meshmill.jobs AS j LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id AND a.job_id = j.id
        WHERE CASE j.state
            WHEN 'submitting' THEN a.state IS DISTINCT FROM 'submitting'
                OR (a.lease_epoch, a.worker_id) IS DISTINCT FROM (j.lease_epoch, j.worker_id)
            WHEN 'generating' THEN a.state IS DISTINCT FROM 'generating'
            WHEN 'downloading' THEN a.state IS DISTINCT FROM 'generating'
            WHEN 'completed' THEN a.state IS DISTINCT FROM 'completed'
            ELSE a.state IN ('submitting', 'generating', 'completed')
        END
        UNION ALL
        SELECT format('attempt %s is live, but job %s has another', a.id, a.job_id)
        FROM meshmill.attempts AS a JOIN meshmill.jobs AS j ON j.id = a.job_id
        WHERE a.state IN ('submitting', 'generating') AND j.attempt_id <> a.id
        UNION ALL
        SELECT format('job %s was completed %s times', a.job_id, count(*))
        FROM meshmill.attempts AS a WHERE a.state = 'completed' GROUP BY a.job_id HAVING count(*) > 1
        UNION ALL
        SELECT format('the epoch of job %s fell from %s to %s', j.id, o.lease_epoch, j.lease_epoch)
        FROM meshmill.jobs AS j JOIN interleaving.jobs AS o ON o.id = j.id WHERE j.lease_epoch < o.lease_epoch
        $$;
        """

    /// What the ledger says of a key, an org, a tenant or a batch; `used` in a month, or ever.
    static let fold = """
        CREATE FUNCTION interleaving.fold(p_key bigint, p_org bigint, p_tenant bigint, p_batch bigint, p_period date,
            p_month integer DEFAULT NULL)
            RETURNS TABLE (reserved bigint, used bigint) LANGUAGE sql AS $$
        SELECT coalesce(sum(CASE l.kind WHEN 'reserve' THEN 1 WHEN 'charge' THEN -1 WHEN 'release' THEN -1 ELSE 0 END), 0)::bigint,
               -- What comes back of an earlier month's charge cannot make this month's use negative.
               greatest(coalesce(sum(CASE l.kind WHEN 'charge' THEN l.amount WHEN 'refund' THEN -l.amount ELSE 0 END)
                   FILTER (WHERE l.period = coalesce(p_period, l.period) AND l.key_month = coalesce(p_month, l.key_month)), 0), 0)::bigint
        FROM meshmill.ledger AS l
        WHERE l.key_id = coalesce(p_key, l.key_id) AND l.org_id = coalesce(p_org, l.org_id)
          AND l.tenant_id = coalesce(p_tenant, l.tenant_id) AND l.batch_id = coalesce(p_batch, l.batch_id)
        $$;

        """
}
