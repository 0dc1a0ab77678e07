-- Leases, adoption, the breaker and the other housekeeping that whichever worker is at hand does.

CREATE FUNCTION meshmill.heartbeat(p_worker uuid, p_name text, p_version text, p_lease interval)
    RETURNS TABLE (unbroken_for interval, submitting boolean)
    LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
BEGIN
    RETURN QUERY
    INSERT INTO meshmill.workers AS w (id, name, version, started_at, lease_until, unbroken_since)
    VALUES (p_worker, p_name, p_version, v_now, v_now + p_lease, v_now)
    ON CONFLICT (id) DO UPDATE
    SET lease_until = v_now + p_lease,
        unbroken_since = CASE WHEN w.lease_until < v_now THEN v_now ELSE w.unbroken_since END
    RETURNING v_now - w.unbroken_since, (SELECT i.submitting FROM meshmill.installation AS i);
END $$;
COMMENT ON FUNCTION meshmill.heartbeat(uuid, text, text, interval) IS 'Renews a worker''s lease. unbroken_for: since when without a gap; submitting: the switch.';

CREATE FUNCTION meshmill.hand_over(p_worker uuid) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    UPDATE meshmill.workers SET lease_until = meshmill.clock(), stopped_at = meshmill.clock() WHERE id = p_worker;
END;
COMMENT ON FUNCTION meshmill.hand_over(uuid) IS 'Ends a worker''s lease in order: others may adopt its jobs at once.';

CREATE TYPE meshmill.orphan AS (
    attempt_id bigint,
    job_id bigint,
    batch_id bigint,
    lease_epoch bigint,
    state meshmill.job_state,
    key_id bigint,
    key_name text,
    rate_window interval,
    mode text,
    generation_id text,
    generating_for interval,
    failures smallint,
    provider_failures smallint,
    unknowns smallint,
    max_attempts integer,
    on_ambiguous text
);
COMMENT ON TYPE meshmill.orphan IS 'A dead worker''s job: with a generation id its new owner goes on polling; submitting means that its POST has no answer and will get none.';

CREATE FUNCTION meshmill.adopt(p_worker uuid, p_lease interval, p_limit integer) RETURNS SETOF meshmill.orphan
    LANGUAGE plpgsql
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
    v_unbroken boolean;
    v_jobs bigint[];
BEGIN
    SELECT w.unbroken_since <= v_now - p_lease INTO v_unbroken
    FROM meshmill.workers AS w WHERE w.id = p_worker AND w.lease_until > v_now;
    IF v_unbroken IS NULL THEN
        RETURN;
    END IF;
    -- A lease that ran out may be the database's outage and not the worker's death, so only a worker that was in
    -- touch for a whole lease may tell; a worker that ended in order said so itself.
    SELECT array_agg(o.id) INTO v_jobs
    FROM (
        SELECT j.id
        FROM meshmill.jobs AS j
        LEFT JOIN meshmill.workers AS w ON w.id = j.worker_id
        LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id
        WHERE j.state IN ('submitting', 'generating', 'downloading')
          AND (w.stopped_at IS NOT NULL OR v_unbroken AND (w.id IS NULL OR w.lease_until < v_now))
          AND (j.state <> 'submitting' OR a.counted_by < v_now)
        ORDER BY a.expires_at NULLS LAST, j.id
        LIMIT p_limit
        FOR NO KEY UPDATE OF j SKIP LOCKED
    ) AS o;
    IF v_jobs IS NULL THEN
        RETURN;
    END IF;
    -- A submitting job is settled as unknown under its own epoch; the others change hands here.
    UPDATE meshmill.jobs AS j SET worker_id = p_worker, lease_epoch = j.lease_epoch + 1
    WHERE j.id = ANY (v_jobs) AND j.state <> 'submitting';
    RETURN QUERY
    SELECT a.id, j.id, j.batch_id, j.lease_epoch, j.state, a.key_id, k.name, k.rate_window, j.mode, a.generation_id,
           v_now - a.claimed_at, j.failures, j.provider_failures, j.unknowns, b.max_attempts, b.on_ambiguous
    FROM meshmill.jobs AS j
    JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    JOIN meshmill.keys AS k ON k.id = a.key_id
    JOIN meshmill.batches AS b ON b.id = j.batch_id
    WHERE j.id = ANY (v_jobs);
END $$;
COMMENT ON FUNCTION meshmill.adopt(uuid, interval, integer) IS 'Takes over the jobs of workers whose lease ran out, earliest expiry first. Submitting ones are returned once their POST can no longer be counted, for settling as unknown.';

CREATE FUNCTION meshmill.promote(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_promoted integer;
BEGIN
    UPDATE meshmill.jobs AS j SET state = 'queued', run_at = NULL
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
    PERFORM meshmill.post('charge', v_ids, array_fill(1::bigint, ARRAY[cardinality(v_ids)]));
    -- Its job is sent again, or was: whoever reads the attempts sees what that may have cost.
    UPDATE meshmill.attempts AS a SET paid_twice = true WHERE a.id = ANY (v_ids) AND a.state = 'unknown';
    RETURN cardinality(v_ids);
END $$;
COMMENT ON FUNCTION meshmill.charge_doubts(integer) IS 'Counts credits in doubt as spent once a window has passed without evidence; returns how many.';

CREATE FUNCTION meshmill.turn_months() RETURNS integer
    LANGUAGE plpgsql
AS $$
DECLARE
    v_period date := (date_trunc('month', meshmill.clock() AT TIME ZONE 'UTC'))::date;
    v_turned integer;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM meshmill.keys AS k WHERE k.period < v_period)
        AND NOT EXISTS (SELECT 1 FROM meshmill.tenants AS t WHERE t.period < v_period) THEN
        RETURN 0;
    END IF;
    PERFORM 1 FROM meshmill.keys AS k WHERE k.period < v_period ORDER BY k.id FOR NO KEY UPDATE;
    UPDATE meshmill.keys AS k
    SET period = v_period, monthly_used = 0, provider_monthly_used = NULL,
        probe_at = CASE WHEN k.state = 'parked' THEN meshmill.clock() ELSE k.probe_at END
    WHERE k.period < v_period;
    GET DIAGNOSTICS v_turned = ROW_COUNT;
    PERFORM 1 FROM meshmill.tenants AS t WHERE t.period < v_period ORDER BY t.id FOR NO KEY UPDATE;
    UPDATE meshmill.tenants AS t SET period = v_period, monthly_used = 0 WHERE t.period < v_period;
    RETURN v_turned;
END $$;
COMMENT ON FUNCTION meshmill.turn_months() IS 'Starts a new month (UTC) for keys and tenants; parked keys are probed at once. Returns how many keys turned.';

CREATE FUNCTION meshmill.close_batches() RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_closed integer;
BEGIN
    UPDATE meshmill.batches AS b SET state = 'finished'
    WHERE b.id = ANY (ARRAY(
        SELECT o.id FROM meshmill.batches AS o
        WHERE o.state = 'open' AND o.submitted_at < meshmill.clock() - interval '10 minutes'
          AND (SELECT true FROM meshmill.jobs AS j WHERE j.batch_id = o.id AND j.state = 'queued' LIMIT 1) IS NULL
          AND (SELECT true FROM meshmill.jobs AS j WHERE j.batch_id = o.id
               AND j.state IN ('scheduled', 'submitting', 'generating', 'downloading') LIMIT 1) IS NULL
        ORDER BY o.id
        FOR NO KEY UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_closed = ROW_COUNT;
    RETURN v_closed;
END $$;
COMMENT ON FUNCTION meshmill.close_batches() IS 'Marks open batches without a job left to run as finished, so that claims no longer look into them.';

-- ---------------------------------------------------------------------------------------------- breaker

CREATE FUNCTION meshmill.record_provider_health(p_failed boolean, p_probe boolean, p_reason text, p_scale double precision)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    b meshmill.breaker;
    v_opens boolean;
    v_closes boolean;
    v_wait double precision;
BEGIN
    IF NOT p_failed AND NOT EXISTS (
        SELECT 1 FROM meshmill.breaker AS c WHERE c.is_open OR c.failures_in_row > 0 OR c.recent <> B'0000000000') THEN
        RETURN;  -- nothing to mend, so nothing is written: the row stays cold on good days
    END IF;
    SELECT * INTO b FROM meshmill.breaker FOR NO KEY UPDATE;
    b.recent := (b.recent << 1) | CASE WHEN p_failed THEN B'0000000001' ELSE B'0000000000' END;
    b.failures_in_row := CASE WHEN p_failed THEN b.failures_in_row + 1 ELSE 0 END;
    b.probe_successes := CASE WHEN p_failed THEN 0 WHEN b.is_open AND p_probe THEN b.probe_successes + 1 ELSE b.probe_successes END;
    -- While it is open only a probe's answer says something new; the others were sent before it opened.
    v_opens := p_failed AND (b.is_open AND p_probe
        OR NOT b.is_open AND (b.failures_in_row >= 3 OR bit_count(b.recent) >= 5));
    v_closes := b.is_open AND b.probe_successes >= 2;
    IF v_opens THEN
        -- 30 s, doubling to 10 min, half of it jitter, so that workers and installations spread.
        v_wait := least(30 * 2 ^ least(b.opened_times, 10), 600) * p_scale;
        UPDATE meshmill.breaker
        SET is_open = true, opened_times = b.opened_times + 1, reason = p_reason, probe_successes = 0,
            probe_at = v_now + make_interval(secs => greatest(v_wait * (0.5 + random() / 2), 0.2)),
            ramp_started_at = NULL, ramp_until = NULL;
    ELSIF v_closes THEN
        UPDATE meshmill.breaker
        SET is_open = false, opened_times = 0, probe_at = NULL, probe_successes = 0, reason = NULL,
            ramp_started_at = v_now, ramp_until = v_now + make_interval(secs => 120 * p_scale);
        b.recent := B'0000000000';
    ELSIF b.is_open AND p_probe AND NOT p_failed THEN
        UPDATE meshmill.breaker SET probe_at = v_now, probe_successes = b.probe_successes;
    END IF;
    UPDATE meshmill.breaker
    SET failures_in_row = b.failures_in_row, recent = b.recent, changed_at = v_now;
END $$;
COMMENT ON FUNCTION meshmill.record_provider_health(boolean, boolean, text, double precision) IS 'Tells the breaker of one answered POST. p_scale: the share of 15 minutes that the window has, since its times scale with it.';

CREATE FUNCTION meshmill.take_probe(p_for interval) RETURNS boolean
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE meshmill.breaker SET probe_at = meshmill.clock() + p_for WHERE is_open AND probe_at <= meshmill.clock();
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION meshmill.take_probe(interval) IS 'True for the one worker that may now send the probe of an open breaker; the next may after p_for.';

CREATE FUNCTION meshmill.return_probe() RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    UPDATE meshmill.breaker SET probe_at = least(probe_at, meshmill.clock() + interval '1 second') WHERE is_open;
END;
COMMENT ON FUNCTION meshmill.return_probe() IS 'Gives back a probe that found no slot or no job.';

-- When a claim may find more than it did just now, by cause. NULL: nothing of the kind is known to come by itself.
CREATE FUNCTION meshmill.next_wake(p_pool bigint, p_batch bigint)
    RETURNS TABLE (slot_in interval, scheduled_in interval, probe_in interval)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        (SELECT min(greatest(k.ready_at, o.parked_until, CASE WHEN k.state <> 'active' THEN k.probe_at END))
         FROM meshmill.keys AS k
         JOIN meshmill.orgs AS o ON o.id = k.org_id
         WHERE k.state IN ('active', 'parked', 'disabled') AND NOT o.paused
           AND (p_pool IS NULL OR k.pool_id = p_pool)
           AND (k.state <> 'active' OR meshmill.has_quota(k))
           AND greatest(k.ready_at, o.parked_until, CASE WHEN k.state <> 'active' THEN k.probe_at END) > meshmill.clock())
            - meshmill.clock(),
        (SELECT j.run_at FROM meshmill.jobs AS j WHERE j.state = 'scheduled' ORDER BY j.run_at, j.id LIMIT 1)
            - meshmill.clock(),
        (SELECT b.probe_at FROM meshmill.breaker AS b WHERE b.is_open) - meshmill.clock();
END;
COMMENT ON FUNCTION meshmill.next_wake(bigint, bigint) IS 'How long until a slot, a scheduled job and the breaker''s probe come due; not positive: due now.';
