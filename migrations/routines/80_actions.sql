-- What people do to jobs, batches, settings and the switch; each keeps every rule and writes the audit log.

-- ---------------------------------------------------------------------------------------------- acting on jobs

CREATE FUNCTION meshmill.move_jobs(p_what text, p_jobs bigint[], p_reason text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_batches bigint[];
    v_old bigint[] := '{}';
    v_changed bigint[];
    v_reason text := coalesce(p_reason, 'by ' || coalesce(nullif(current_setting('meshmill.actor', true), ''), session_user));
BEGIN
    -- Those that were put away come back first; they are looked for only where some are missing.
    IF p_what = 'retry' AND (SELECT count(*) FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs)) < cardinality(p_jobs) THEN
        v_old := ARRAY(
            SELECT j.id FROM meshmill.old_jobs AS j WHERE j.id = ANY (p_jobs) AND j.state IN ('failed', 'cancelled'));
    END IF;
    v_batches := ARRAY(
        SELECT j.batch_id FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs)
        UNION SELECT j.batch_id FROM meshmill.old_jobs AS j WHERE j.id = ANY (v_old));
    -- Locked before the jobs: a batch that housekeeping closes at this moment would keep its new work from running.
    PERFORM 1 FROM meshmill.batches AS b WHERE b.id = ANY (v_batches) ORDER BY b.id FOR NO KEY UPDATE;
    CASE p_what
        WHEN 'retry' THEN
            IF v_old <> '{}' THEN
                PERFORM meshmill.bring_back(v_old);
            END IF;
            v_changed := ARRAY(SELECT r.id FROM meshmill.requeue_jobs(p_jobs) AS r (id));
        WHEN 'release' THEN
            v_changed := ARRAY(SELECT r.id FROM meshmill.requeue_jobs(ARRAY(
                SELECT j.id FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs) AND j.state = 'held')) AS r (id));
        WHEN 'cancel' THEN
            v_changed := ARRAY(SELECT c.id FROM meshmill.cancel_jobs(p_jobs, 'cancelled', v_reason) AS c (id));
        WHEN 'hold' THEN
            WITH moved AS (
                UPDATE meshmill.jobs AS j
                SET state = 'held', run_at = NULL, error_code = 'held_by_person', error = v_reason
                WHERE j.id IN (
                    SELECT l.id FROM meshmill.jobs AS l
                    WHERE l.id = ANY (p_jobs) AND l.state IN ('scheduled', 'queued') ORDER BY l.id FOR NO KEY UPDATE)
                  AND j.state IN ('scheduled', 'queued')
                RETURNING j.id
            )
            SELECT coalesce(array_agg(m.id), '{}') INTO v_changed FROM moved AS m;
    END CASE;
    IF cardinality(v_changed) = 0 THEN
        RETURN v_changed;
    END IF;
    IF p_what IN ('retry', 'release') THEN
        UPDATE meshmill.batches AS b SET state = 'open' WHERE b.id = ANY (v_batches) AND b.state = 'finished';
        PERFORM pg_notify('meshmill_jobs', '');
    ELSE
        UPDATE meshmill.batches AS b
        SET counted_completed = NULL, counted_failed = NULL, counted_cancelled = NULL, counted_held = NULL
        WHERE b.id = ANY (v_batches) AND b.state = 'finished' AND b.counted_completed IS NOT NULL;
    END IF;
    PERFORM meshmill.audit(p_what,
        CASE WHEN cardinality(v_changed) = 1 THEN 'job ' || v_changed[1] ELSE cardinality(v_changed) || ' jobs' END,
        NULL, jsonb_build_object('jobs', to_jsonb(v_changed[1:100]), 'count', cardinality(v_changed)), p_reason);
    RETURN v_changed;
END $$;
COMMENT ON FUNCTION meshmill.move_jobs(text, bigint[], text) IS 'retry, release, cancel or hold: moves those of the jobs that it applies to, opens their batches again where needed, and writes the audit log. Returns which those were.';

CREATE FUNCTION meshmill.act_on_jobs(p_what text, p_jobs bigint[], p_reason text) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC SELECT cardinality(meshmill.move_jobs(p_what, p_jobs, p_reason))::bigint; END;
COMMENT ON FUNCTION meshmill.act_on_jobs(text, bigint[], text) IS 'The same; returns how many.';

CREATE FUNCTION meshmill.set_priority(p_jobs bigint[], p_priority smallint, p_reason text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_changed bigint[];
BEGIN
    WITH moved AS (
        UPDATE meshmill.jobs AS j SET priority = p_priority
        WHERE j.id IN (
            SELECT l.id FROM meshmill.jobs AS l
            WHERE l.id = ANY (p_jobs) AND l.state IN ('scheduled', 'queued', 'held') ORDER BY l.id FOR NO KEY UPDATE)
          AND j.state IN ('scheduled', 'queued', 'held')
        RETURNING j.id
    )
    SELECT coalesce(array_agg(m.id), '{}') INTO v_changed FROM moved AS m;
    IF cardinality(v_changed) > 0 THEN
        PERFORM pg_notify('meshmill_jobs', '');
        PERFORM meshmill.audit('set_priority', CASE WHEN cardinality(v_changed) = 1 THEN 'job ' || v_changed[1]
            ELSE cardinality(v_changed) || ' jobs' END, NULL, jsonb_build_object('jobs', to_jsonb(v_changed[1:100]),
            'count', cardinality(v_changed), 'priority', p_priority), p_reason);
    END IF;
    RETURN v_changed;
END $$;
COMMENT ON FUNCTION meshmill.set_priority(bigint[], smallint, text) IS 'Gives waiting jobs another priority; returns which those were.';

-- A job belongs to a batch of its tenant, so it moves to that tenant's batch with the same folder. What it cost so far
-- stays with who paid for it.
CREATE FUNCTION meshmill.give_jobs(p_jobs bigint[], p_tenant text, p_reason text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_tenant bigint := (SELECT t.id FROM meshmill.tenants AS t WHERE t.name = p_tenant);
    v_from record;
    v_to bigint;
    v_moving bigint[];
    v_changed bigint[] := '{}';
BEGIN
    IF v_tenant IS NULL THEN
        RAISE EXCEPTION 'there is no tenant %', p_tenant USING ERRCODE = 'no_data_found', HINT = 'see: SELECT tenant FROM ops.tenants';
    END IF;
    FOR v_from IN
        SELECT b.* FROM meshmill.batches AS b
        WHERE b.id = ANY (ARRAY(SELECT j.batch_id FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs))) AND b.tenant_id <> v_tenant
        ORDER BY b.id
    LOOP
        INSERT INTO meshmill.batches AS n (tenant_id, out, max_attempts, on_ambiguous)
        VALUES (v_tenant, v_from.out, v_from.max_attempts, v_from.on_ambiguous)
        ON CONFLICT (tenant_id, out) DO UPDATE
        SET state = CASE WHEN n.state = 'paused' THEN 'paused' ELSE 'open' END::meshmill.batch_state
        RETURNING n.id INTO v_to;
        v_moving := ARRAY(
            SELECT j.id FROM meshmill.jobs AS j
            WHERE j.id = ANY (p_jobs) AND j.batch_id = v_from.id AND j.state IN ('scheduled', 'queued', 'held')
              -- That tenant has asked for the same already.
              AND NOT EXISTS (SELECT 1 FROM meshmill.fingerprints AS e WHERE e.batch_id = v_to AND e.fingerprint = j.fingerprint)
              AND NOT EXISTS (SELECT 1 FROM meshmill.old_jobs AS e WHERE e.batch_id = v_to AND e.fingerprint = j.fingerprint)
              AND NOT EXISTS (
                  SELECT 1 FROM meshmill.outputs AS o
                  JOIN meshmill.outputs AS e ON e.batch_id = v_to AND e.output = o.output
                  WHERE o.job_id = j.id)
            ORDER BY j.id FOR NO KEY UPDATE OF j);
        UPDATE meshmill.jobs AS j SET batch_id = v_to, tenant_id = v_tenant WHERE j.id = ANY (v_moving);
        UPDATE meshmill.outputs AS o SET batch_id = v_to WHERE o.job_id = ANY (v_moving);
        UPDATE meshmill.batches AS b
        SET counted_completed = NULL, counted_failed = NULL, counted_cancelled = NULL, counted_held = NULL
        WHERE b.id = v_from.id AND b.counted_completed IS NOT NULL AND cardinality(v_moving) > 0;
        IF cardinality(v_moving) > 0 THEN
            PERFORM meshmill.audit('give_jobs', cardinality(v_moving) || ' jobs of batch ' || v_from.id,
                jsonb_build_object('batch', v_from.id), jsonb_build_object('batch', v_to, 'tenant', p_tenant,
                    'jobs', to_jsonb(v_moving[1:100]), 'count', cardinality(v_moving)), p_reason);
        END IF;
        v_changed := v_changed || v_moving;
    END LOOP;
    IF cardinality(v_changed) > 0 THEN
        PERFORM pg_notify('meshmill_jobs', '');
    END IF;
    RETURN v_changed;
END $$;
COMMENT ON FUNCTION meshmill.give_jobs(bigint[], text, text) IS 'Moves waiting jobs to another tenant''s batch with the same output folder, but for those that it has already; returns which those were.';

CREATE FUNCTION meshmill.act_on_batch(p_what text, p_batch bigint, p_limit bigint, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM meshmill.batches AS b WHERE b.id = p_batch) THEN
        RAISE EXCEPTION 'there is no batch %', p_batch USING ERRCODE = 'no_data_found', HINT = 'see: SELECT batch_id FROM ops.batches';
    END IF;
    RETURN CASE p_what
        WHEN 'retry' THEN meshmill.act_on_jobs('retry', ARRAY(
            SELECT j.id FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state IN ('failed', 'cancelled')
            UNION ALL
            SELECT j.id FROM meshmill.old_jobs AS j WHERE j.batch_id = p_batch AND j.state IN ('failed', 'cancelled')
            LIMIT p_limit), p_reason)
        WHEN 'release' THEN meshmill.act_on_jobs('release', ARRAY(
            SELECT j.id FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state = 'held' LIMIT p_limit), p_reason)
        WHEN 'cancel' THEN meshmill.act_on_jobs('cancel', ARRAY(
            SELECT j.id FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state IN ('scheduled', 'queued', 'submitting', 'generating', 'downloading', 'held')
            LIMIT p_limit), p_reason)
    END;
END $$;
COMMENT ON FUNCTION meshmill.act_on_batch(text, bigint, bigint, text) IS 'retry, release or cancel for up to p_limit jobs of a batch (NULL: all); returns how many. Call it again until it returns 0.';

CREATE FUNCTION meshmill.set_batch_paused(p_batch bigint, p_paused boolean, p_reason text) RETURNS text
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old meshmill.batch_state;
    v_new meshmill.batch_state;
BEGIN
    SELECT b.state INTO v_old FROM meshmill.batches AS b WHERE b.id = p_batch FOR NO KEY UPDATE;
    IF v_old IS NULL THEN
        RAISE EXCEPTION 'there is no batch %', p_batch USING ERRCODE = 'no_data_found', HINT = 'see: SELECT batch_id FROM ops.batches';
    END IF;
    v_new := CASE WHEN p_paused THEN 'paused' WHEN v_old = 'paused' THEN 'open' ELSE v_old END;
    IF v_new <> v_old THEN
        UPDATE meshmill.batches AS b SET state = v_new WHERE b.id = p_batch;
        PERFORM meshmill.audit(CASE WHEN p_paused THEN 'hold_batch' ELSE 'release_batch' END, 'batch ' || p_batch,
            jsonb_build_object('status', v_old), jsonb_build_object('status', v_new), p_reason);
        PERFORM pg_notify('meshmill_jobs', p_batch::text);
    END IF;
    IF NOT p_paused AND meshmill.end_doubt(p_batch) THEN
        PERFORM meshmill.audit('release_batch', 'batch ' || p_batch, '{"status": "paused by itself"}',
            jsonb_build_object('status', v_new), p_reason);
        PERFORM pg_notify('meshmill_jobs', p_batch::text);
    END IF;
    RETURN v_new::text;
END $$;
COMMENT ON FUNCTION meshmill.set_batch_paused(bigint, boolean, text) IS 'Pauses a batch or opens it again; returns its status.';

-- ---------------------------------------------------------------------------------------------- the switch, settings

CREATE FUNCTION meshmill.set_submitting(p_submitting boolean, p_reason text) RETURNS boolean
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE meshmill.installation SET submitting = p_submitting WHERE submitting <> p_submitting;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM meshmill.audit(CASE WHEN p_submitting THEN 'start_submitting' ELSE 'stop_submitting' END, 'installation',
        jsonb_build_object('submitting', NOT p_submitting), jsonb_build_object('submitting', p_submitting), p_reason);
    PERFORM pg_notify('meshmill_control', '');
    RETURN true;
END $$;
COMMENT ON FUNCTION meshmill.set_submitting(boolean, text) IS 'Turns the switch; false if it stood so already.';

CREATE FUNCTION meshmill.set_setting(p_name text, p_value text, p_reason text) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old text := (SELECT s.value FROM meshmill.settings AS s WHERE s.name = p_name);
BEGIN
    IF p_value IS NULL THEN
        DELETE FROM meshmill.settings AS s WHERE s.name = p_name;
    ELSE
        INSERT INTO meshmill.settings AS s (name, value) VALUES (p_name, p_value)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = meshmill.clock();
    END IF;
    CASE p_name
        WHEN 'window_model' THEN PERFORM meshmill.set_window_model(p_value, p_reason);
        WHEN 'key_policy' THEN PERFORM meshmill.set_key_policy(p_value);
        ELSE NULL;
    END CASE;
    IF v_old IS DISTINCT FROM p_value THEN
        PERFORM meshmill.audit('set_setting', p_name, to_jsonb(v_old), to_jsonb(p_value), p_reason);
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.set_setting(text, text, text) IS 'Sets a setting for every process; NULL takes it back to its default.';
