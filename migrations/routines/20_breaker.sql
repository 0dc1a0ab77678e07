-- The breaker: the provider-wide stop after repeated failures, one row that all workers share.

-- How many POSTs may be in flight at all: the breaker's say. NULL: no limit.
CREATE FUNCTION meshmill.breaker_allows() RETURNS integer
    LANGUAGE sql STABLE
    RETURN (
        SELECT CASE
            WHEN b.is_open THEN 0
            WHEN b.ramp_until > meshmill.clock()
                -- 1, 2, 4, 8 … in flight, doubled eight times over the ramp.
                THEN (2 ^ floor(8 * extract(epoch FROM meshmill.clock() - b.ramp_started_at)
                    / greatest(extract(epoch FROM b.ramp_until - b.ramp_started_at), 0.001)))::integer
        END
        FROM meshmill.breaker AS b);
COMMENT ON FUNCTION meshmill.breaker_allows() IS 'Most POSTs that may be in flight now: 0 while the breaker is open, growing after it closed, NULL without a limit.';

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
