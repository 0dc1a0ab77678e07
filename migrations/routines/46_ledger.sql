-- The ledger read back: whether it agrees with the balances that are cached beside it, and which orgs are one account.

CREATE FUNCTION meshmill.check_ledger()
    RETURNS TABLE (subject text, balance text, cached bigint, folded bigint)
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    WITH folds AS MATERIALIZED (
        SELECT GROUPING(l.key_id, l.org_id, l.tenant_id, l.batch_id) AS grouping, l.key_id, l.org_id, l.tenant_id,
               l.batch_id, l.key_month, l.period,
               coalesce(sum(l.amount) FILTER (WHERE l.kind = 'reserve'), 0)
                   - coalesce(sum(l.amount) FILTER (WHERE l.kind = 'release'), 0)
                   - coalesce(sum(l.entries) FILTER (WHERE l.kind = 'charge'), 0) AS reserved,
               coalesce(sum(l.amount) FILTER (WHERE l.kind = 'charge'), 0) AS charged,
               coalesce(sum(l.amount) FILTER (WHERE l.kind = 'charge'), 0)
                   - coalesce(sum(l.amount) FILTER (WHERE l.kind = 'refund'), 0) AS used
        FROM (
            SELECT e.kind, e.amount, 1 AS entries, e.key_id, e.org_id, e.tenant_id, e.batch_id, e.key_month, e.period
            FROM meshmill.all_ledger AS e WHERE e.attempt_id IS NOT NULL
            UNION ALL
            -- Of months that were dropped the sums are left; their reserves are all closed.
            SELECT d.kind, d.amount, 0, d.key_id, d.org_id, d.tenant_id, d.batch_id, d.key_month, d.period
            FROM meshmill.dropped_credits AS d
        ) AS l
        GROUP BY GROUPING SETS ((l.key_id, l.key_month), (l.org_id), (l.tenant_id, l.period), (l.batch_id))
    ), late AS MATERIALIZED (
        -- An answer that came after its attempt's reserve was released is charged without one.
        SELECT a.key_id, a.org_id, a.tenant_id, a.batch_id
        FROM meshmill.all_attempts AS a
        JOIN meshmill.all_ledger AS r ON r.attempt_id = a.id AND r.kind = 'release'
        JOIN meshmill.all_ledger AS c ON c.attempt_id = a.id AND c.kind = 'charge'
        WHERE a.evidence IS NOT NULL
    ), compared (subject, balance, cached, folded) AS (
        SELECT 'key ' || k.name, 'reserved', k.reserved,
            coalesce((SELECT sum(f.reserved) FROM folds AS f WHERE f.grouping = 7 AND f.key_id = k.id), 0)
            + (SELECT count(*) FROM late AS t WHERE t.key_id = k.id)
        FROM meshmill.keys AS k
        UNION ALL
        SELECT 'key ' || k.name, 'monthly_used', k.monthly_used,
            coalesce((SELECT sum(f.used) FROM folds AS f WHERE f.grouping = 7 AND f.key_id = k.id AND f.key_month = k.month), 0)
        FROM meshmill.keys AS k
        UNION ALL
        SELECT 'org ' || o.name, 'reserved', o.reserved,
            coalesce((SELECT f.reserved FROM folds AS f WHERE f.grouping = 11 AND f.org_id = o.id), 0)
            + (SELECT count(*) FROM late AS t WHERE t.org_id = o.id)
        FROM meshmill.orgs AS o
        UNION ALL
        SELECT 'org ' || o.name, 'charged', o.charged,
            coalesce((SELECT f.charged FROM folds AS f WHERE f.grouping = 11 AND f.org_id = o.id), 0)
        FROM meshmill.orgs AS o
        UNION ALL
        SELECT 'tenant ' || t.name, 'reserved', b.reserved,
            coalesce((SELECT sum(f.reserved) FROM folds AS f WHERE f.grouping = 13 AND f.tenant_id = t.id), 0)
            + (SELECT count(*) FROM late AS l WHERE l.tenant_id = t.id)
        FROM meshmill.tenants AS t JOIN meshmill.tenant_balances AS b USING (id)
        UNION ALL
        SELECT 'tenant ' || t.name, 'monthly_used', b.monthly_used,
            coalesce((SELECT f.used FROM folds AS f WHERE f.grouping = 13 AND f.tenant_id = t.id AND f.period = t.period), 0)
        FROM meshmill.tenants AS t JOIN meshmill.tenant_balances AS b USING (id)
        UNION ALL
        SELECT 'batch ' || b.id, 'reserved', b.reserved,
            coalesce(f.reserved, 0) + (SELECT count(*) FROM late AS l WHERE l.batch_id = b.id)
        FROM meshmill.batch_balances AS b
        LEFT JOIN folds AS f ON f.grouping = 14 AND f.batch_id = b.id
        UNION ALL
        SELECT 'batch ' || b.id, 'used', b.used, coalesce(f.used, 0)
        FROM meshmill.batch_balances AS b
        LEFT JOIN folds AS f ON f.grouping = 14 AND f.batch_id = b.id
    )
    SELECT c.subject, c.balance, c.cached, c.folded::bigint FROM compared AS c WHERE c.cached <> c.folded
    UNION ALL
    SELECT 'attempt ' || a.id, 'credits', a.credits, coalesce(f.used, 0)::bigint
    FROM meshmill.all_attempts AS a
    LEFT JOIN (
        SELECT l.attempt_id, sum(CASE l.kind WHEN 'charge' THEN l.amount ELSE -l.amount END) AS used
        FROM meshmill.all_ledger AS l WHERE l.kind IN ('charge', 'refund') GROUP BY l.attempt_id
    ) AS f ON f.attempt_id = a.id
    WHERE a.credits <> coalesce(f.used, 0);
END;
COMMENT ON FUNCTION meshmill.check_ledger() IS 'Each cached balance that differs from the fold of the ledger: none, if all is well. Reads the whole ledger.';

-- Answers of one account, whichever key they came to, count down together: each is its predecessor less its own price,
-- give or take what was in flight. Two orgs of which that holds, over enough changes from one to the other, are one.
CREATE FUNCTION meshmill.propose_orgs() RETURNS TABLE (org text, same_as text, answers bigint)
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    WITH suspects AS (
        SELECT DISTINCT d.org_id FROM meshmill.drifts AS d
        WHERE d.key_id IS NULL AND d.amount > 0 AND d.at > meshmill.clock() - interval '1 day' LIMIT 50
    ), told AS (
        SELECT a.org_id, a.id, a.answered_at, a.credits_remaining, l.amount,
               row_number() OVER (PARTITION BY a.org_id ORDER BY a.answered_at DESC, a.id DESC) AS nth
        FROM meshmill.all_ledger AS l
        JOIN meshmill.all_attempts AS a ON a.id = l.attempt_id
        WHERE l.at > meshmill.clock() - interval '1 day' AND l.kind = 'charge' AND a.credits_remaining IS NOT NULL
          AND a.answered_at IS NOT NULL AND a.org_id IN (SELECT s.org_id FROM suspects AS s)
    ), pairs AS (
        SELECT l.org_id AS one, r.org_id AS other FROM suspects AS l JOIN suspects AS r ON r.org_id > l.org_id
    ), merged AS (
        SELECT p.one, p.other,
               t.org_id <> lag(t.org_id) OVER w AS changes,
               abs(lag(t.credits_remaining) OVER w - t.amount - t.credits_remaining) <= 2 AS fits
        FROM pairs AS p
        JOIN told AS t ON t.org_id IN (p.one, p.other) AND t.nth <= 20
        WINDOW w AS (PARTITION BY p.one, p.other ORDER BY t.answered_at, t.id)
    )
    SELECT a.name, b.name, count(*)
    FROM merged AS m
    JOIN meshmill.orgs AS a ON a.id = m.other
    JOIN meshmill.orgs AS b ON b.id = m.one
    WHERE m.fits IS NOT NULL
    GROUP BY a.name, b.name
    HAVING count(*) FILTER (WHERE m.changes) >= 3 AND count(*) FILTER (WHERE m.fits) >= 0.9 * count(*);
END;
COMMENT ON FUNCTION meshmill.propose_orgs() IS 'Orgs whose reported credits move together, so that they are likely one account; for doctor to propose. Nothing merges by itself.';

-- One pass over the pages of the span, whatever lies outside of it.
CREATE FUNCTION meshmill.ledger_totals(p_by text, p_since timestamptz, p_until timestamptz)
    RETURNS TABLE (subject text, detail text, charged bigint, refunded bigint, external bigint, adjusted bigint, posts bigint)
    LANGUAGE plpgsql STABLE
    SET jit = off
AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH sums AS MATERIALIZED (
            SELECT %s AS id,
                   coalesce(sum(l.amount) FILTER (WHERE l.kind = 'charge'), 0)::bigint AS charged,
                   coalesce(sum(l.amount) FILTER (WHERE l.kind = 'refund'), 0)::bigint AS refunded,
                   coalesce(sum(l.amount) FILTER (WHERE l.kind = 'external'), 0)::bigint AS external,
                   coalesce(sum(l.amount) FILTER (WHERE l.kind = 'adjust'), 0)::bigint AS adjusted,
                   count(*) FILTER (WHERE l.kind = 'reserve') AS posts
            FROM meshmill.all_ledger AS l
            WHERE l.at >= $1 AND l.at < $2
            GROUP BY 1
        )
        SELECT %s, s.charged, s.refunded, s.external, s.adjusted, s.posts FROM sums AS s %s ORDER BY %s
        $query$,
        CASE p_by
            WHEN 'key' THEN 'l.key_id' WHEN 'tenant' THEN 'l.tenant_id' WHEN 'batch' THEN 'l.batch_id'
            WHEN 'day' THEN '(l.at AT TIME ZONE ''UTC'')::date'
        END,
        CASE p_by
            WHEN 'key' THEN 'k.name, o.name' WHEN 'tenant' THEN 't.name, NULL::text'
            WHEN 'batch' THEN 's.id::text, b.out' WHEN 'day' THEN 's.id::text, NULL::text'
        END,
        CASE p_by
            WHEN 'key' THEN 'LEFT JOIN meshmill.keys AS k ON k.id = s.id LEFT JOIN meshmill.orgs AS o ON o.id = k.org_id'
            WHEN 'tenant' THEN 'LEFT JOIN meshmill.tenants AS t ON t.id = s.id'
            WHEN 'batch' THEN 'LEFT JOIN meshmill.batches AS b ON b.id = s.id'
            ELSE ''
        END,
        CASE p_by WHEN 'day' THEN 's.id' ELSE 's.charged - s.refunded DESC, s.id' END)
    USING coalesce(p_since, '-infinity'), coalesce(p_until, 'infinity');
END $$;
COMMENT ON FUNCTION meshmill.ledger_totals(text, timestamptz, timestamptz) IS 'Where the credits of a span of time went, by key, tenant, batch or day (UTC). A NULL subject: nobody of ours.';
