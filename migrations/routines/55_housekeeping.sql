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
