-- Audit: what must always hold, asked of the tables as they are. Each check has a name and lists the rows that offend
-- it; one statement, so that all of them see one snapshot. Nothing here is called by scheduling.

CREATE FUNCTION meshmill.audit_checks() RETURNS TABLE (name text, holds text)
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT c.name, c.holds
    FROM (VALUES
        ('slots_complete', 'a key has one slot for each admission of its window'),
        ('slots_cover_posts', 'a slot is free only a window after its POST was counted at the latest'),
        ('one_live_attempt_a_job', 'no job is generated twice at once'),
        ('one_post_in_flight_a_key', 'a key has one POST in flight'),
        ('jobs_in_flight_have_attempts', 'a job in flight and its live attempt name each other'),
        ('keys_within_month', 'credits charged and reserved stay within the key''s month'),
        ('tenants_within_budget', 'credits charged and reserved stay within the tenant''s budget'),
        ('batches_within_cap', 'credits charged and reserved stay within the batch''s cap'),
        ('orgs_within_credits', 'no more is reserved than the org was last known to have'),
        ('reserves_balance', 'cached reserves equal the fold of the ledger'),
        ('charges_balance', 'cached use equals the fold of the ledger'),
        ('ledger_steps_once', 'each attempt reserves once and is charged or released once, and refunded at most what it cost'),
        ('attempts_match_ledger', 'what an attempt says of its credit is what the ledger says'),
        ('open_jobs_can_run', 'every job that has not ended is still going to run, or waits for a person with a reason'),
        ('jobs_have_owners', 'every job in flight belongs to a worker, or is about to be adopted'),
        ('completed_jobs_have_meshes', 'a completed job has the hash and the length of its GLB'),
        ('unknown_posts_visible', 'a POST whose answer never came is unknown, with a reason, once it cannot be counted any more'),
        ('epochs_grow', 'a job''s epoch grows with every change of hands')
    ) AS c (name, holds);
END;
COMMENT ON FUNCTION meshmill.audit_checks() IS 'The checks of audit, in order, and what each says holds.';

CREATE FUNCTION meshmill.audit_findings() RETURNS TABLE (name text, finding jsonb)
    LANGUAGE plpgsql STABLE
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
BEGIN
    RETURN QUERY
    SELECT 'slots_complete', jsonb_build_object('key', k.name, 'rate_limit', k.rate_limit, 'slots', s.slots)
    FROM meshmill.keys AS k
    CROSS JOIN LATERAL (
        SELECT count(*) AS slots, count(*) FILTER (WHERE s.ordinal BETWEEN 0 AND k.rate_limit - 1) AS in_range
        FROM meshmill.slots AS s WHERE s.key_id = k.id) AS s
    WHERE k.state <> 'removed' AND (s.slots <> k.rate_limit OR s.in_range <> k.rate_limit);

    -- The POSTs that may be counted latest, against the slots that are free latest: each must be covered by one.
    RETURN QUERY
    SELECT 'slots_cover_posts', jsonb_build_object('key', k.name, 'attempt_id', p.id, 'counted_by', p.counted_by,
        'free_at', s.free_at, 'free_at_least', p.counted_by + k.rate_window)
    FROM meshmill.keys AS k
    CROSS JOIN LATERAL (
        SELECT n.id, n.counted_by, row_number() OVER (ORDER BY n.counted_by DESC, n.id DESC) AS nth
        FROM (
            -- An answer that lay in a spool may be recorded long after its POST can have been counted.
            SELECT a.id, least(a.answered_at, a.counted_by) AS counted_by
            FROM meshmill.attempts AS a
            WHERE a.key_id = k.id AND a.state <> 'unsent'
            ORDER BY a.id DESC
            LIMIT 2 * k.rate_limit
        ) AS n
        WHERE n.counted_by + k.rate_window > v_now
    ) AS p
    LEFT JOIN LATERAL (
        SELECT l.free_at, row_number() OVER (ORDER BY l.free_at DESC, l.ordinal) AS nth
        FROM meshmill.slots AS l WHERE l.key_id = k.id
    ) AS s ON s.nth = p.nth
    WHERE k.state <> 'removed' AND p.nth <= k.rate_limit
      AND (s.free_at IS NULL OR s.free_at < p.counted_by + k.rate_window);

    RETURN QUERY
    SELECT 'one_live_attempt_a_job', jsonb_build_object('job_id', a.job_id, 'attempts', array_agg(a.id ORDER BY a.id))
    FROM meshmill.attempts AS a
    WHERE a.state IN ('submitting', 'generating') AND a.id > 0  -- for one_live_attempt_a_job, here and below
    GROUP BY a.job_id HAVING count(*) > 1;

    RETURN QUERY
    SELECT 'one_post_in_flight_a_key', jsonb_build_object('key_id', a.key_id, 'attempts', array_agg(a.id ORDER BY a.id))
    FROM meshmill.attempts AS a
    WHERE a.state = 'submitting'
    GROUP BY a.key_id HAVING count(*) > 1;

    RETURN QUERY
    SELECT 'jobs_in_flight_have_attempts', jsonb_build_object('job_id', j.id, 'status', j.state,
        'attempt_id', j.attempt_id, 'attempt', a.state)
    FROM meshmill.jobs AS j
    LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id AND a.job_id = j.id
    WHERE j.state IN ('submitting', 'generating', 'downloading')
      AND a.state IS DISTINCT FROM (CASE j.state WHEN 'submitting' THEN 'submitting' ELSE 'generating' END)::meshmill.attempt_state
    UNION ALL
    SELECT 'jobs_in_flight_have_attempts', jsonb_build_object('job_id', a.job_id, 'status', j.state,
        'attempt_id', a.id, 'attempt', a.state)
    FROM meshmill.attempts AS a
    LEFT JOIN meshmill.jobs AS j ON j.id = a.job_id
    WHERE a.state IN ('submitting', 'generating') AND a.id > 0
      AND (j.state NOT IN ('submitting', 'generating', 'downloading') OR j.attempt_id <> a.id OR j.id IS NULL);

    -- A limit that was lowered below what was used already is no overspending, as long as nothing is spent since.
    RETURN QUERY
    SELECT 'keys_within_month', jsonb_build_object('key', k.name, 'used', k.monthly_used, 'reserved', k.reserved,
        'limit', k.monthly_limit)
    FROM meshmill.keys AS k
    WHERE k.monthly_used + k.reserved > k.monthly_limit
      AND NOT EXISTS (
          SELECT 1 FROM meshmill.audit_log AS l
          WHERE l.subject = k.name AND l.at >= k.month_began_at
            AND (l.before ->> 'monthly_limit')::bigint IS DISTINCT FROM (l.after ->> 'monthly_limit')::bigint
            AND NOT EXISTS (
                SELECT 1 FROM meshmill.attempts AS a
                WHERE a.key_id = k.id AND a.claimed_at > l.at AND (a.reserved OR a.credits > 0) AND NOT a.probe));

    RETURN QUERY
    SELECT 'tenants_within_budget', jsonb_build_object('tenant', t.name, 'used', t.monthly_used, 'reserved', t.reserved,
        'budget', t.monthly_budget)
    FROM meshmill.tenants AS t
    WHERE t.monthly_used + t.reserved > t.monthly_budget
      AND NOT EXISTS (
          SELECT 1 FROM meshmill.audit_log AS l
          WHERE l.subject = 'tenant ' || t.name AND l.at >= t.period
            AND (l.before ->> 'monthly_budget')::bigint IS DISTINCT FROM (l.after ->> 'monthly_budget')::bigint
            AND NOT EXISTS (
                SELECT 1 FROM meshmill.attempts AS a
                WHERE a.tenant_id = t.id AND a.claimed_at > l.at AND (a.reserved OR a.credits > 0)));

    RETURN QUERY
    SELECT 'batches_within_cap', jsonb_build_object('batch_id', b.id, 'used', b.used, 'reserved', b.reserved,
        'max_credits', b.max_credits)
    FROM meshmill.batches AS b
    WHERE b.used + b.reserved > b.max_credits
      -- Submitting again may lower the cap; then nothing may have been claimed since.
      AND EXISTS (
          SELECT 1 FROM meshmill.attempts AS a
          WHERE a.batch_id = b.id AND a.claimed_at > b.submitted_at AND (a.reserved OR a.credits > 0));

    RETURN QUERY
    SELECT 'orgs_within_credits', jsonb_build_object('org', o.name, 'credits_remaining', o.credits_remaining,
        'observed_at', o.credits_observed_at, 'reserved_since', a.reserved)
    FROM meshmill.orgs AS o
    CROSS JOIN LATERAL (
        SELECT count(*) AS reserved FROM meshmill.attempts AS a
        WHERE a.org_id = o.id AND a.state IN ('submitting', 'unknown') AND a.reserved AND NOT a.probe
          AND a.claimed_at > o.credits_observed_at) AS a
    -- Doubts that are charged after the number was seen may take the books below nothing; that reserves nothing.
    WHERE a.reserved > 0 AND a.reserved > o.credits_remaining;

    RETURN QUERY
    SELECT CASE c.balance WHEN 'reserved' THEN 'reserves_balance' ELSE 'charges_balance' END,
        jsonb_build_object('account', c.subject, 'balance', c.balance, 'cached', c.cached, 'ledger', c.folded)
    FROM meshmill.check_ledger() AS c;

    RETURN QUERY
    SELECT 'ledger_steps_once', jsonb_build_object('attempt_id', l.attempt_id, 'entries', l.entries)
    FROM (
        SELECT e.attempt_id, array_agg(e.kind || ' ' || e.amount ORDER BY e.id) AS entries,
               count(*) FILTER (WHERE e.kind = 'reserve') AS reserves,
               count(*) FILTER (WHERE e.kind IN ('charge', 'release')) AS ends,
               count(*) FILTER (WHERE e.kind = 'refund') AS refunds,
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'charge'), 0) AS charged,
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'refund'), 0) AS refunded
        FROM meshmill.ledger AS e
        WHERE e.attempt_id IS NOT NULL
        GROUP BY e.attempt_id
    ) AS l
    WHERE l.reserves <> 1 OR l.refunds > 1 OR l.refunded > l.charged
       -- Released since a counter did not show it, and charged when its answer came after all.
       OR l.ends > 1 AND NOT EXISTS (
           SELECT 1 FROM meshmill.attempts AS a
           WHERE a.id = l.attempt_id AND a.evidence IS NOT NULL AND a.answered_at IS NOT NULL);

    RETURN QUERY
    SELECT 'attempts_match_ledger', jsonb_build_object('attempt_id', a.id, 'status', a.state, 'reserved', a.reserved,
        'credits', a.credits, 'ledger', l.credits)
    FROM meshmill.attempts AS a
    LEFT JOIN (
        SELECT e.attempt_id, NOT bool_or(e.kind IN ('charge', 'release')) AS reserved,
               coalesce(sum(CASE e.kind WHEN 'charge' THEN e.amount WHEN 'refund' THEN -e.amount END), 0) AS credits
        FROM meshmill.ledger AS e
        WHERE e.attempt_id IS NOT NULL
        GROUP BY e.attempt_id
    ) AS l ON l.attempt_id = a.id
    WHERE l.attempt_id IS NULL OR a.reserved <> l.reserved OR a.credits <> l.credits;

    -- In flight it is the owner's or an adopter's to move on, and an adopter needs the attempt; waiting, it needs an open
    -- batch, or a person who paused that.
    RETURN QUERY
    SELECT 'open_jobs_can_run', jsonb_build_object('job_id', j.id, 'status', j.state, 'batch_id', j.batch_id,
        'batch', b.state, 'run_at', j.run_at)
    FROM meshmill.jobs AS j
    LEFT JOIN meshmill.batches AS b ON b.id = j.batch_id
    LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    WHERE j.state IN ('queued', 'scheduled') AND (b.id IS NULL OR b.state = 'finished' OR b.tenant_id <> j.tenant_id)
       OR j.state = 'scheduled' AND j.run_at IS NULL
       OR j.state = 'held' AND j.error_code IS NULL
       OR j.state IN ('submitting', 'generating', 'downloading') AND a.id IS NULL
       OR j.state IN ('generating', 'downloading') AND a.generation_id IS NULL;

    -- Others adopt within a lease, if there is another that was in touch for as long.
    RETURN QUERY
    SELECT 'jobs_have_owners', jsonb_build_object('job_id', j.id, 'status', j.state, 'worker_id', j.worker_id,
        'lease_until', w.lease_until)
    FROM meshmill.jobs AS j
    LEFT JOIN meshmill.workers AS w ON w.id = j.worker_id
    LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    WHERE j.state IN ('submitting', 'generating', 'downloading')
      AND (w.id IS NULL OR w.lease_until < v_now - interval '5 minutes')
      AND (j.state <> 'submitting' OR a.counted_by < v_now - interval '5 minutes')
      AND EXISTS (
          SELECT 1 FROM meshmill.workers AS o
          WHERE o.lease_until > v_now AND o.stopped_at IS NULL AND o.unbroken_since < v_now - interval '5 minutes');

    RETURN QUERY
    SELECT 'completed_jobs_have_meshes', jsonb_build_object('job_id', j.id, 'sha256', encode(j.glb_sha256, 'hex'),
        'bytes', j.glb_bytes, 'attempt', a.state)
    FROM meshmill.jobs AS j
    LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    WHERE j.state = 'completed'
      AND (j.glb_sha256 IS NULL OR j.completed_at IS NULL OR coalesce(j.glb_bytes, 0) <= 0
           OR a.state IS DISTINCT FROM 'completed');

    RETURN QUERY
    SELECT 'unknown_posts_visible', jsonb_build_object('attempt_id', a.id, 'job_id', a.job_id, 'status', a.state,
        'counted_by', a.counted_by, 'error_code', a.error_code)
    FROM meshmill.attempts AS a
    LEFT JOIN meshmill.workers AS w ON w.id = a.worker_id
    WHERE a.state = 'unknown' AND (a.error_code IS NULL OR a.ended_at IS NULL)
       OR a.state = 'submitting' AND a.counted_by < v_now - interval '5 minutes'
          AND EXISTS (
              SELECT 1 FROM meshmill.workers AS o
              WHERE o.lease_until > v_now AND o.stopped_at IS NULL AND o.unbroken_since < v_now - interval '5 minutes');

    RETURN QUERY
    SELECT 'epochs_grow', jsonb_build_object('job_id', e.job_id, 'attempt_id', e.id, 'epoch', e.lease_epoch,
        'before', e.before, 'job_epoch', j.lease_epoch)
    FROM (
        SELECT a.id, a.job_id, a.lease_epoch,
               lag(a.lease_epoch) OVER (PARTITION BY a.job_id ORDER BY a.id) AS before
        FROM meshmill.attempts AS a
    ) AS e
    JOIN meshmill.jobs AS j ON j.id = e.job_id
    WHERE e.lease_epoch <= e.before OR e.lease_epoch > j.lease_epoch;
END $$;
COMMENT ON FUNCTION meshmill.audit_findings() IS 'One row for each row of the tables that offends a check, with what makes it offend. It reads whole tables: minutes on millions of attempts.';

CREATE FUNCTION meshmill.run_audit(p_rows integer)
    RETURNS TABLE (name text, holds text, ok boolean, violations bigint, findings jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS MATERIALIZED (
        SELECT f.name, f.finding, row_number() OVER (PARTITION BY f.name) AS nth FROM meshmill.audit_findings() AS f
    )
    SELECT c.name, c.holds, count(f.finding) = 0, count(f.finding),
           coalesce(jsonb_agg(f.finding ORDER BY f.nth) FILTER (WHERE f.nth <= p_rows), '[]')
    FROM meshmill.audit_checks() WITH ORDINALITY AS c (name, holds, ord)
    LEFT JOIN found AS f ON f.name = c.name
    GROUP BY c.ord, c.name, c.holds
    ORDER BY c.ord;
END;
COMMENT ON FUNCTION meshmill.run_audit(integer) IS 'All checks, each with the number of offending rows and the first p_rows of them.';

CREATE FUNCTION ops.audit(rows integer DEFAULT 100)
    RETURNS TABLE (name text, holds text, ok boolean, violations bigint, findings jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.name, a.holds, a.ok, a.violations, a.findings FROM meshmill.run_audit(rows) AS a;
END;
COMMENT ON FUNCTION ops.audit(integer) IS 'Checks what must always hold: one row a check, with up to so many offending rows each. It reads whole tables.';
