-- What whichever worker is at hand does now and then, each in small bounded steps.

CREATE FUNCTION meshmill.promote(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_promoted integer;
BEGIN
    UPDATE meshmill.jobs AS j SET state = 'queued', due = true, run_at = NULL
    WHERE j.id = ANY (ARRAY(
        SELECT s.id FROM meshmill.jobs AS s
        WHERE s.state = 'scheduled' AND s.run_at <= meshmill.clock()
        ORDER BY s.run_at, s.id
        LIMIT p_limit
        FOR NO KEY UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_promoted = ROW_COUNT;
    RETURN v_promoted;
END $$;
COMMENT ON FUNCTION meshmill.promote(integer) IS 'Queues the scheduled jobs whose time has come, at most p_limit; returns how many.';

CREATE FUNCTION meshmill.charge_doubts(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_ids bigint[] := ARRAY(
        SELECT a.id
        FROM meshmill.attempts AS a
        JOIN meshmill.keys AS k ON k.id = a.key_id
        WHERE a.state IN ('unknown', 'refused') AND a.reserved AND a.counted_by + k.rate_window < v_now
        ORDER BY a.claimed_at, a.id
        LIMIT p_limit);
BEGIN
    IF cardinality(v_ids) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM meshmill.lock_accounts(v_ids);
    v_ids := ARRAY(SELECT a.id FROM meshmill.attempts AS a WHERE a.id = ANY (v_ids) AND a.state IN ('unknown', 'refused') AND a.reserved);
    PERFORM meshmill.decide_doubts(v_ids, true, 'none', NULL);
    RETURN cardinality(v_ids);
END $$;
COMMENT ON FUNCTION meshmill.charge_doubts(integer) IS 'Counts credits in doubt as spent once a window has passed without evidence; returns how many.';

-- Budgets of tenants, and caps of our own that the provider does not know, turn with a calendar. A month that the
-- provider counts turns when its numbers show it: keys at its limit are parked until then, and probe.
CREATE FUNCTION meshmill.turn_months() RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
    SET lock_timeout = '500ms'
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_month timestamptz := date_trunc('month', v_now AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_period date := (v_month AT TIME ZONE 'UTC')::date;
    v_keys bigint[];
    v_turned integer;
BEGIN
    BEGIN
        -- Answers on their way are waited for, or the tenant's month would turn before the key's.
        PERFORM 1 FROM meshmill.keys AS k
        WHERE k.state <> 'removed' AND k.month_began_at < v_month
        ORDER BY k.id FOR NO KEY UPDATE;
    EXCEPTION WHEN lock_not_available THEN
        NULL;  -- Somebody holds a key for long: the next round turns it.
    END;
    v_keys := ARRAY(
        SELECT k.id FROM meshmill.keys AS k
        WHERE k.state <> 'removed' AND (
            k.provider_monthly_limit IS NULL AND k.month_began_at < v_month
            OR k.provider_monthly_limit IS NOT NULL AND meshmill.is_at_own_cap(k, v_now)
               AND meshmill.next_reset(k, greatest(k.month_began_at, k.observed_at)) <= v_now)
        ORDER BY k.id FOR NO KEY UPDATE SKIP LOCKED);
    v_turned := cardinality(v_keys);
    PERFORM meshmill.turn_key(u.id, false) FROM unnest(v_keys) AS u (id);

    UPDATE meshmill.keys AS k
    SET state = 'parked', state_reason = 'the month''s credits are used up',
        probe_at = least(meshmill.jittered_reset(k, v_now),
            v_now + make_interval(secs => 3600 * meshmill.time_scale(k.rate_window)))
    WHERE k.id = ANY (ARRAY(
        SELECT l.id FROM meshmill.keys AS l
        WHERE l.state = 'active' AND l.reserved = 0 AND NOT meshmill.has_quota(l) AND NOT meshmill.is_at_own_cap(l, v_now)
        ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED));
    -- Where a sibling's month was seen to turn, the others' turned too.
    UPDATE meshmill.keys AS k
    SET probe_at = v_now + make_interval(secs => random() * 600 * meshmill.time_scale(k.rate_window))
    WHERE k.id = ANY (ARRAY(
        SELECT l.id FROM meshmill.keys AS l
        WHERE l.state = 'parked' AND l.probe_at > v_now + interval '10 minutes' * meshmill.time_scale(l.rate_window)
          AND EXISTS (
              SELECT 1 FROM meshmill.keys AS s
              WHERE s.org_id = l.org_id AND s.id <> l.id AND s.turned_before > greatest(l.last_post_at, l.month_began_at))
        ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED));

    PERFORM 1 FROM meshmill.tenants AS t WHERE t.period < v_period ORDER BY t.id FOR NO KEY UPDATE;
    UPDATE meshmill.tenants AS t SET period = v_period, monthly_used = 0 WHERE t.period < v_period;
    RETURN v_turned;
END $$;
COMMENT ON FUNCTION meshmill.turn_months() IS 'Starts new months where the calendar decides (tenants, keys without a limit at the provider), parks keys at the provider''s limit until their month is expected to turn, and wakes those of an org whose month was seen to turn. Returns how many keys turned.';

CREATE FUNCTION meshmill.book_drifts() RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_booked integer;
BEGIN
    WITH late AS (
        SELECT d.id FROM meshmill.drifts AS d
        JOIN LATERAL (
            SELECT max(k.rate_window) AS rate_window FROM meshmill.keys AS k
            WHERE k.org_id = d.org_id AND (k.id = d.key_id OR d.key_id IS NULL)
        ) AS k ON true
        WHERE d.is_open AND d.at < v_now - interval '24 hours' * coalesce(meshmill.time_scale(k.rate_window), 1)
        ORDER BY d.id LIMIT 1000
        FOR NO KEY UPDATE OF d SKIP LOCKED
    ), booked AS (
        UPDATE meshmill.drifts AS d SET is_open = false FROM late AS l WHERE d.id = l.id RETURNING d.*
    )
    INSERT INTO meshmill.ledger (kind, observation_id, amount, key_id, org_id, period, key_month)
    SELECT 'external', b.id, b.amount, b.key_id, b.org_id, (date_trunc('month', b.at AT TIME ZONE 'UTC'))::date, b.key_month
    FROM booked AS b WHERE b.amount > 0;
    GET DIAGNOSTICS v_booked = ROW_COUNT;

    -- Refunds that no counter showed in all that time: a lower number later is something else.
    DELETE FROM meshmill.open_refunds AS r
    WHERE r.attempt_id = ANY (ARRAY(
        SELECT u.attempt_id FROM meshmill.open_refunds AS u
        JOIN meshmill.keys AS k ON k.id = u.key_id
        WHERE u.since < v_now - interval '24 hours' * meshmill.time_scale(k.rate_window)
        LIMIT 1000));

    -- Spent by our books, though the provider never said so: parked, so that it is probed.
    UPDATE meshmill.orgs AS o
    SET parked_until = v_now + make_interval(secs => 900 * coalesce((
            SELECT max(meshmill.time_scale(k.rate_window)) FROM meshmill.keys AS k WHERE k.org_id = o.id), 1)),
        parked_times = o.parked_times + 1, parked_reason = 'no credits remain by our books'
    WHERE o.id = ANY (ARRAY(
        SELECT p.id FROM meshmill.orgs AS p
        WHERE p.credits_remaining <= 0 AND p.reserved = 0 AND p.parked_until IS NULL
        ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED));
    RETURN v_booked;
END $$;
COMMENT ON FUNCTION meshmill.book_drifts() IS 'Books drift that a day did not explain as external, forgets refunds that no counter showed in a day, and parks orgs whose credits our books have used up. Returns how many entries it wrote.';

CREATE FUNCTION meshmill.has_work(p_batch bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT true FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state = 'queued' LIMIT 1) IS NOT NULL
        OR (SELECT true FROM meshmill.jobs AS j WHERE j.batch_id = p_batch
            AND j.state IN ('scheduled', 'submitting', 'generating', 'downloading') LIMIT 1) IS NOT NULL;
END $$;
COMMENT ON FUNCTION meshmill.has_work(bigint) IS 'Whether a batch has a job that waits or is under way.';

CREATE FUNCTION meshmill.close_batches() RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_idle bigint[];
    v_closed integer;
BEGIN
    v_idle := ARRAY(
        SELECT o.id FROM meshmill.batches AS o
        WHERE o.state = 'open' AND o.submitted_at < meshmill.clock() - interval '10 minutes' AND NOT meshmill.has_work(o.id)
        ORDER BY o.id
        FOR NO KEY UPDATE SKIP LOCKED);
    -- Counted once, at the end; and those that were never counted, a few at a time. Whoever queues a job again holds its
    -- batch: what it did until the lock was had is seen only by a statement that begins behind it.
    WITH chosen AS MATERIALIZED (
        SELECT unnest(ARRAY(
            SELECT o.id FROM meshmill.batches AS o
            WHERE o.id = ANY (v_idle) AND o.state = 'open' AND o.submitted_at < meshmill.clock() - interval '10 minutes'
              AND NOT meshmill.has_work(o.id)
            ORDER BY o.id) || ARRAY(
            SELECT u.id FROM meshmill.batches AS u
            WHERE u.state = 'finished' AND u.counted_completed IS NULL
            ORDER BY u.id LIMIT 10
            FOR NO KEY UPDATE SKIP LOCKED)) AS id
    ), counted AS MATERIALIZED (
        SELECT h.id,
               max(n.jobs) FILTER (WHERE n.state = 'completed') AS completed,
               max(n.jobs) FILTER (WHERE n.state = 'failed') AS failed,
               max(n.jobs) FILTER (WHERE n.state = 'cancelled') AS cancelled,
               max(n.jobs) FILTER (WHERE n.state = 'held') AS held
        FROM chosen AS h CROSS JOIN LATERAL meshmill.batch_counts(h.id) AS n
        GROUP BY h.id
    )
    UPDATE meshmill.batches AS b
    SET state = 'finished', counted_completed = c.completed, counted_failed = c.failed,
        counted_cancelled = c.cancelled, counted_held = c.held
    FROM counted AS c WHERE b.id = c.id;
    GET DIAGNOSTICS v_closed = ROW_COUNT;
    RETURN v_closed;
END $$;
COMMENT ON FUNCTION meshmill.close_batches() IS 'Marks open batches without a job left to run as finished, so that claims no longer look into them, and counts their jobs. Returns how many it marked or counted.';
