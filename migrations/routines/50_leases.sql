-- Leases: heartbeats, handing over, adoption.

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
    -- Who adopted one of them a moment ago holds its lock no more: whose it is now is seen behind the lock alone.
    v_jobs := ARRAY(
        SELECT j.id
        FROM meshmill.jobs AS j
        LEFT JOIN meshmill.workers AS w ON w.id = j.worker_id
        WHERE j.id = ANY (v_jobs) AND (w.stopped_at IS NOT NULL OR w.id IS NULL OR w.lease_until < v_now));
    -- A submitting job is settled as unknown under its own epoch; the others change hands here. A worker that died while
    -- it read the job's GLB may have died of it: three such deaths, and a person looks at it.
    UPDATE meshmill.jobs AS j
    SET worker_id = p_worker, lease_epoch = j.lease_epoch + 1, verifying = false,
        crash_count = j.crash_count + c.crashed::integer,
        state = CASE WHEN c.crashed AND j.crash_count >= 2 THEN 'held' ELSE j.state END,
        error_code = CASE WHEN c.crashed AND j.crash_count >= 2 THEN 'crashes' ELSE j.error_code END,
        error = CASE WHEN c.crashed AND j.crash_count >= 2
            THEN 'three workers died while they read its GLB; release it to have it made anew' ELSE j.error END
    FROM (
        SELECT l.id, l.verifying AND l.state = 'downloading' AND w.stopped_at IS NULL AS crashed
        FROM meshmill.jobs AS l
        LEFT JOIN meshmill.workers AS w ON w.id = l.worker_id
        WHERE l.id = ANY (v_jobs)
    ) AS c
    WHERE j.id = c.id AND j.state <> 'submitting';
    UPDATE meshmill.attempts AS a
    SET state = 'failed', ended_at = v_now, error_code = 'crashes', error = j.error
    FROM meshmill.jobs AS j
    WHERE j.id = ANY (v_jobs) AND j.state = 'held' AND a.id = j.attempt_id AND a.state = 'generating';
    RETURN QUERY
    SELECT a.id, j.id, j.batch_id, j.lease_epoch, j.state, a.key_id, k.name, k.rate_window, j.mode, a.generation_id,
           v_now - a.claimed_at, j.failures, j.provider_failures, j.unknowns, b.max_attempts, b.on_ambiguous,
           j.crash_count
    FROM meshmill.jobs AS j
    JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    JOIN meshmill.keys AS k ON k.id = a.key_id
    JOIN meshmill.batches AS b ON b.id = j.batch_id
    WHERE j.id = ANY (v_jobs) AND j.state <> 'held';
END $$;
COMMENT ON FUNCTION meshmill.adopt(uuid, interval, integer) IS 'Takes over the jobs of workers whose lease ran out, earliest expiry first. Submitting ones are returned once their POST can no longer be counted, for settling as unknown.';

CREATE FUNCTION meshmill.recall(p_worker uuid, p_known bigint[]) RETURNS SETOF meshmill.orphan
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    SELECT a.id, j.id, j.batch_id, j.lease_epoch, j.state, a.key_id, k.name, k.rate_window, j.mode, a.generation_id,
           meshmill.clock() - a.claimed_at, j.failures, j.provider_failures, j.unknowns, b.max_attempts, b.on_ambiguous,
           j.crash_count
    FROM meshmill.jobs AS j
    JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    JOIN meshmill.keys AS k ON k.id = a.key_id
    JOIN meshmill.batches AS b ON b.id = j.batch_id
    WHERE j.state IN ('scheduled', 'submitting', 'generating', 'downloading')
      AND j.state <> 'scheduled' AND j.worker_id = p_worker AND NOT j.attempt_id = ANY (p_known);
END;
COMMENT ON FUNCTION meshmill.recall(uuid, bigint[]) IS 'The jobs in flight that a worker owns and does not know of: the answer to its claim, settlement or adoption was lost. A submitting one was never sent, since its worker never heard of the claim.';
