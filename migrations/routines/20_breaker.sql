-- The breaker, and whose fault many answers together are. One row for the provider-wide stop, shared by all workers.
--
-- Everything here is written by settle, in the transaction that records the answers, after all other locks: the
-- breaker's row is the last one taken.

-- How many POSTs may be in flight at all: the breaker's say. NULL: no limit.
CREATE FUNCTION meshmill.breaker_allows() RETURNS integer
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN b.is_open THEN 0
            WHEN b.ramp_until > meshmill.clock()
                -- 1, 2, 4, 8 in flight, a quarter of the ramp each.
                THEN (2 ^ floor(4 * extract(epoch FROM meshmill.clock() - b.ramp_started_at)
                    / greatest(extract(epoch FROM b.ramp_until - b.ramp_started_at), 0.001)))::integer
        END
        FROM meshmill.breaker AS b);
END $$;
COMMENT ON FUNCTION meshmill.breaker_allows() IS 'Most POSTs that may be in flight now: 0 while the breaker is open, 1, 2, 4, 8 after it closed, NULL without a limit.';

-- Half of a wait is jitter, so that workers and installations spread; no wait is below 0.2 s.
CREATE FUNCTION meshmill.jittered(p_seconds double precision) RETURNS interval
    LANGUAGE sql VOLATILE
    RETURN make_interval(secs => greatest(p_seconds * (0.5 + random() / 2), 0.2));
COMMENT ON FUNCTION meshmill.jittered(double precision) IS 'A wait of half to all of so many seconds, at least 0.2 s.';

-- The share of 15 minutes that a window has: all times of backoff, breaker, probe and correlation scale with it.
CREATE FUNCTION meshmill.time_scale(p_window interval) RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN least(extract(epoch FROM p_window) / 900, 1)::double precision;
COMMENT ON FUNCTION meshmill.time_scale(interval) IS 'What waits that are stated for a window of 15 minutes are multiplied by: the window''s share of it, at most 1.';

-- Whether a verdict is met by so many keys at once that it is the provider's: at least three of those that it accepted
-- before, and half of those used in the last five minutes. Keys that it never accepted prove nothing: a list of
-- mistyped keys is refused alike.
CREATE FUNCTION meshmill.is_common(p_verdict text, p_since timestamptz) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (
        SELECT count(*) FILTER (WHERE k.last_verdict = p_verdict) >= 3
           AND 2 * count(*) FILTER (WHERE k.last_verdict = p_verdict) >= count(*)
        FROM meshmill.keys AS k
        WHERE k.last_verdict_at > p_since AND k.accepted_at IS NOT NULL AND k.state <> 'removed');
COMMENT ON FUNCTION meshmill.is_common(text, timestamptz) IS 'Whether at least three accepted keys, and half of those answered since then, met this verdict last.';

-- Weighs the answers that settle has just recorded: opens and closes the breaker, and takes back what a common fault
-- did to single keys. On good days it reads one row and writes none.
CREATE FUNCTION meshmill.weigh(p_answers jsonb, p_fresh bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    b meshmill.breaker;
    r record;
    v_common text;
    v_failed boolean;
    v_base double precision;
    v_scale double precision;
    v_orgs bigint[];
BEGIN
    SELECT * INTO b FROM meshmill.breaker;
    IF NOT b.is_open AND b.failures_in_row = 0 AND b.recent = B'0000000000' AND NOT EXISTS (
        SELECT 1 FROM jsonb_to_recordset(p_answers) AS a (provider text, verdict text)
        WHERE a.provider IN ('failed', 'broken')
           OR a.verdict IN ('unauthorized', 'forbidden', 'credit_error', 'rate_limited')) THEN
        RETURN;
    END IF;

    -- Fresh answers in the order of their POSTs, with the verdict that many keys share, if any.
    FOR r IN
        SELECT a.id, a.org_id, a.probe, w.verdict, w.provider, w.error, meshmill.time_scale(k.rate_window) AS scale,
               k.accepted_at IS NOT NULL AS was_accepted,
               row_number() OVER (ORDER BY a.id) = 1 AS is_first
        FROM jsonb_to_recordset(p_answers) AS w (attempt_id bigint, verdict text, provider text, error text)
        JOIN meshmill.attempts AS a ON a.id = w.attempt_id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        WHERE a.id = ANY (p_fresh)
        ORDER BY a.id
    LOOP
        IF r.is_first THEN
            SELECT * INTO b FROM meshmill.breaker FOR NO KEY UPDATE;
        END IF;
        v_failed := r.provider IN ('failed', 'broken');
        v_base := 30;
        v_scale := r.scale;
        v_common := NULL;
        IF r.verdict IN ('unauthorized', 'forbidden', 'rate_limited', 'credit_error') AND r.was_accepted
            AND (b.blame = r.verdict
                 OR meshmill.is_common(r.verdict, v_now - make_interval(secs => greatest(300 * r.scale, 0.2)))) THEN
            v_common := r.verdict;
        END IF;
        IF r.verdict = 'credit_error' THEN
            -- Settle parks the org at the third in a row; the breaker opens only if it is not this org alone.
            IF v_common IS NOT NULL AND b.blame IS DISTINCT FROM 'credit_error' AND (
                SELECT count(DISTINCT k.org_id) FROM meshmill.keys AS k
                WHERE k.last_verdict = 'credit_error' AND k.last_verdict_at > v_now - make_interval(secs => 300 * r.scale)) < 2 THEN
                v_common := NULL;
            END IF;
        END IF;
        IF v_common IS NOT NULL THEN
            v_failed := true;
            -- Whether keys are refused for good is told soon, by the first probe.
            v_base := CASE WHEN v_common IN ('unauthorized', 'forbidden') THEN 5 ELSE 30 END;
            IF v_common IN ('unauthorized', 'forbidden') THEN
                -- Benched by what was not their fault. Not waiting for a lock keeps the order of locks; a key that is
                -- skipped here is met again by the next answer or by housekeeping.
                UPDATE meshmill.keys AS k
                SET state = 'active', state_reason = NULL, probe_at = NULL, probe_times = 0
                WHERE k.id = ANY (ARRAY(
                    SELECT l.id FROM meshmill.keys AS l
                    WHERE l.state = 'disabled' AND l.last_verdict = v_common AND l.accepted_at IS NOT NULL
                      AND l.last_verdict_at > v_now - make_interval(secs => greatest(300 * r.scale, 0.2))
                    ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED));
            END IF;
        END IF;
        CONTINUE WHEN NOT v_failed AND r.provider IS DISTINCT FROM 'healthy';

        b.recent := (b.recent << 1) | CASE WHEN v_failed THEN B'0000000001' ELSE B'0000000000' END;
        b.failures_in_row := CASE WHEN v_failed THEN b.failures_in_row + 1 ELSE 0 END;
        IF b.is_open THEN
            -- Only a probe's answer says something new; the others were sent before it opened.
            CONTINUE WHEN NOT r.probe;
            IF v_failed THEN
                b.probe_successes := 0;
            ELSE
                b.probe_successes := b.probe_successes + 1;
                b.probe_at := v_now;
                IF b.probe_successes >= 2 THEN
                    b.is_open := false;
                    b.opened_times := 0;
                    b.probe_at := NULL;
                    b.probe_successes := 0;
                    b.reason := NULL;
                    b.blame := NULL;
                    b.ramp_started_at := v_now;
                    b.ramp_until := v_now + make_interval(secs => greatest(120 * v_scale, 0.2));
                    b.recent := B'0000000000';
                END IF;
                CONTINUE;
            END IF;
        ELSIF NOT v_failed OR v_common IS NULL AND r.provider <> 'broken'
            AND b.failures_in_row < 3 AND bit_count(b.recent) < 5 THEN
            CONTINUE;
        END IF;
        -- It opens, or stays open: 30 s, doubling to 10 min.
        b.is_open := true;
        b.blame := coalesce(v_common, b.blame);
        b.reason := CASE
            WHEN v_common IS NULL THEN r.error
            ELSE 'many keys at once met ' || v_common || ': ' || coalesce(r.error, 'no reason given')
        END;
        b.probe_at := v_now + meshmill.jittered(least(v_base * 2 ^ least(b.opened_times, 10), 600) * v_scale);
        b.opened_times := b.opened_times + 1;
        b.probe_successes := 0;
        b.ramp_started_at := NULL;
        b.ramp_until := NULL;
    END LOOP;
    UPDATE meshmill.breaker
    SET is_open = b.is_open, failures_in_row = b.failures_in_row, recent = b.recent, opened_times = b.opened_times,
        probe_at = b.probe_at, probe_successes = b.probe_successes, ramp_until = b.ramp_until,
        ramp_started_at = b.ramp_started_at, reason = b.reason, blame = b.blame, changed_at = v_now;
END $$;
COMMENT ON FUNCTION meshmill.weigh(jsonb, bigint[]) IS 'Tells the breaker of answers that were recorded just now, and takes back what a fault that many keys met at once did to single keys. For settle, after all other writes.';

-- Five jobs in a row refused with one code: the preset or the API, not five images. The batch then waits, with one of
-- its jobs tried now and then, instead of failing to the last.
CREATE FUNCTION meshmill.doubt_batches(p_answers jsonb, p_fresh bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_spared bigint[] := '{}';
    b meshmill.batches;
    r record;
BEGIN
    FOR r IN
        SELECT a.id, a.job_id, a.batch_id, a.claimed_at, w.verdict, w.error_code, w.error,
               meshmill.time_scale(k.rate_window) AS scale
        FROM jsonb_to_recordset(p_answers) AS w (attempt_id bigint, verdict text, error_code text, error text)
        JOIN meshmill.attempts AS a ON a.id = w.attempt_id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        JOIN meshmill.batches AS o ON o.id = a.batch_id
        WHERE a.id = ANY (p_fresh) AND (w.verdict = 'rejected' OR o.refused_code IS NOT NULL)
        ORDER BY a.batch_id, a.id
    LOOP
        SELECT * INTO b FROM meshmill.batches AS o WHERE o.id = r.batch_id;
        IF r.verdict = 'accepted' THEN
            -- Whoever was spared meanwhile comes back by its own time.
            b.refused_code := NULL;
            b.refused_jobs := '{}';
            b.doubted_at := NULL;
            b.probe_at := NULL;
            b.probe_times := 0;
            b.doubt := NULL;
        ELSIF r.verdict = 'rejected' AND b.doubted_at IS NOT NULL AND b.refused_code = r.error_code THEN
            v_spared := v_spared || r.id;
            IF r.claimed_at > b.doubted_at THEN
                b.probe_times := b.probe_times + 1;
                b.probe_at := v_now + meshmill.jittered(least(30 * 2 ^ least(b.probe_times, 10), 600) * r.scale);
            END IF;
        ELSIF b.doubted_at IS NOT NULL THEN
            -- The probe met something else, so the next one need not wait.
            b.probe_at := least(b.probe_at, v_now + meshmill.jittered(5 * r.scale));
        ELSIF r.verdict = 'rejected' THEN
            IF b.refused_code IS DISTINCT FROM r.error_code THEN
                b.refused_code := r.error_code;
                b.refused_jobs := ARRAY[r.job_id];
            ELSIF NOT r.job_id = ANY (b.refused_jobs) THEN
                b.refused_jobs := b.refused_jobs || r.job_id;
            END IF;
            IF cardinality(b.refused_jobs) >= 5 THEN
                b.doubted_at := v_now;
                b.probe_times := 0;
                b.probe_at := v_now + meshmill.jittered(30 * r.scale);
                b.doubt := 'five jobs in a row were refused with ' || coalesce(r.error_code, 'one code') || ' ('
                    || coalesce(r.error, 'no reason given') || '): paused, and tried again with one job at a time';
            END IF;
        END IF;
        UPDATE meshmill.batches AS o
        SET refused_code = b.refused_code, refused_jobs = b.refused_jobs, doubted_at = b.doubted_at,
            probe_at = b.probe_at, probe_times = b.probe_times, doubt = b.doubt
        WHERE o.id = b.id;
    END LOOP;
    RETURN v_spared;
END $$;
COMMENT ON FUNCTION meshmill.doubt_batches(jsonb, bigint[]) IS 'Counts refusals of jobs in a row by batch, pauses and resumes batches by it, and returns the attempts whose jobs are to wait instead of failing. For settle, which holds the batches'' locks.';

CREATE FUNCTION meshmill.end_doubt(p_batch bigint) RETURNS boolean
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE meshmill.batches AS b
    SET refused_code = NULL, refused_jobs = '{}', doubted_at = NULL, probe_at = NULL, probe_times = 0, doubt = NULL
    WHERE b.id = p_batch AND b.doubted_at IS NOT NULL;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION meshmill.end_doubt(bigint) IS 'Lets a batch that paused itself run again, since a person says so; false if it had not.';

-- How many more of a batch's jobs may be claimed now, at most p_most: its cap of credits, and one at a time for a
-- batch that paused itself.
CREATE FUNCTION meshmill.batch_room(b meshmill.batches, p_most bigint, p_now timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN greatest(least(
        p_most,
        b.max_credits - b.used - b.reserved,
        CASE WHEN b.probe_at IS NULL THEN NULL WHEN b.probe_at <= p_now THEN 1 ELSE 0 END), 0);
COMMENT ON FUNCTION meshmill.batch_room(meshmill.batches, bigint, timestamptz) IS 'How many more jobs of a batch may be claimed now, at most p_most.';

CREATE FUNCTION meshmill.room_left(b meshmill.batches, p_most bigint, p_taken bigint[], p_now timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF p_taken = '{}' THEN
        RETURN meshmill.batch_room(b, p_most, p_now);
    END IF;
    RETURN greatest(least(p_most, meshmill.batch_room(b, p_most + cardinality(p_taken), p_now)
        - (SELECT count(*) FROM meshmill.jobs AS j WHERE j.id = ANY (p_taken) AND j.batch_id = b.id)), 0);
END $$;
COMMENT ON FUNCTION meshmill.room_left(meshmill.batches, bigint, bigint[], timestamptz) IS 'The room of a batch beside jobs of it that the same claim has taken already.';

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

CREATE FUNCTION meshmill.reset_breaker(p_reason text) RETURNS boolean
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old meshmill.breaker;
BEGIN
    SELECT * INTO v_old FROM meshmill.breaker FOR NO KEY UPDATE;
    UPDATE meshmill.breaker
    SET is_open = false, failures_in_row = 0, recent = B'0000000000', opened_times = 0, probe_at = NULL,
        probe_successes = 0, ramp_until = NULL, ramp_started_at = NULL, reason = NULL, blame = NULL,
        changed_at = meshmill.clock();
    PERFORM meshmill.audit('reset_breaker', 'breaker',
        jsonb_build_object('open', v_old.is_open, 'reason', v_old.reason, 'opened_times', v_old.opened_times),
        jsonb_build_object('open', false), p_reason);
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN v_old.is_open;
END $$;
COMMENT ON FUNCTION meshmill.reset_breaker(text) IS 'Closes the breaker at once and without a ramp, and forgets what it counted. True if it was open.';
