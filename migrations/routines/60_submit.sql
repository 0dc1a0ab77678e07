-- Submit: batches are found or made, and jobs are added up to 1,000 in one round trip. Beside it the two moves that a
-- person makes and that adding jobs needs as well: queue again, and cancel.
-- Locks in the order batch, job, as everywhere. Submissions that find jobs of their batch take turns by an advisory lock
-- that no claim waits for; those of new jobs alone share it.

CREATE FUNCTION meshmill.open_batch(
    p_tenant text,
    p_out text,
    p_max_credits bigint,
    p_max_attempts integer,
    p_on_ambiguous text
) RETURNS TABLE (batch_id bigint, state meshmill.batch_state, is_new boolean)
    LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    v_tenant bigint := (SELECT t.id FROM meshmill.tenants AS t WHERE t.name = p_tenant);
BEGIN
    IF v_tenant IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    INSERT INTO meshmill.batches AS b (tenant_id, out, max_credits, max_attempts, on_ambiguous)
    VALUES (v_tenant, p_out, p_max_credits, coalesce(p_max_attempts, 3), coalesce(p_on_ambiguous, 'evidence'))
    ON CONFLICT (tenant_id, out) DO UPDATE
    -- What a person paused stays so.
    SET state = CASE WHEN b.state = 'paused' THEN 'paused' ELSE 'open' END::meshmill.batch_state,
        submitted_at = meshmill.clock(),
        max_credits = coalesce(p_max_credits, b.max_credits),
        max_attempts = coalesce(p_max_attempts, b.max_attempts),
        on_ambiguous = coalesce(p_on_ambiguous, b.on_ambiguous)
    RETURNING b.id, b.state, b.xmax = 0;  -- a row that was there before carries the lock of this update in xmax
END $$;
COMMENT ON FUNCTION meshmill.open_batch(text, text, bigint, integer, text) IS 'Finds or makes the batch of a tenant and an absolute output folder, and opens it for jobs. NULL keeps a setting, or takes its default. No row: no such tenant.';

CREATE FUNCTION meshmill.requeue_jobs(p_jobs bigint[]) RETURNS SETOF bigint
    LANGUAGE sql
    SET jit = off
BEGIN ATOMIC
    UPDATE meshmill.jobs AS j
    -- A POST that may still be counted is waited out first, or the provider might make two meshes of one job.
    SET state = CASE WHEN w.run_at IS NULL THEN 'queued' ELSE 'scheduled' END::meshmill.job_state,
        run_at = w.run_at,
        error_code = CASE WHEN w.run_at IS NOT NULL THEN 'unknown' END,
        error = CASE WHEN w.run_at IS NOT NULL THEN 'waits until its last POST can no longer be counted' END,
        attempts = 0, failures = 0, provider_failures = 0, unknowns = 0, crash_count = 0,
        due = false, verifying = false,
        completed_at = NULL, glb_sha256 = NULL, glb_bytes = NULL
    FROM (
        SELECT l.id, (SELECT a.counted_by FROM meshmill.attempts AS a
                      WHERE a.id = l.attempt_id AND a.state IN ('submitting', 'unknown')
                        AND a.counted_by > meshmill.clock()) AS run_at
        FROM meshmill.jobs AS l
        WHERE l.id = ANY (p_jobs)
        ORDER BY l.id
        FOR NO KEY UPDATE
    ) AS w
    WHERE j.id = w.id AND j.state IN ('failed', 'cancelled', 'held')
    RETURNING j.id;
END;
COMMENT ON FUNCTION meshmill.requeue_jobs(bigint[]) IS 'Runs failed, cancelled and held jobs again with fresh attempts; returns those that were. The batch must be open for them to be claimed.';

CREATE FUNCTION meshmill.cancel_jobs(p_jobs bigint[], p_error_code text, p_error text) RETURNS SETOF bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_cancelled bigint[];
    v_attempts bigint[];
BEGIN
    PERFORM 1 FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs) ORDER BY j.id FOR NO KEY UPDATE;
    WITH moved AS (
        UPDATE meshmill.jobs AS j
        SET state = 'cancelled', completed_at = v_now, run_at = NULL, error_code = p_error_code, error = p_error,
            -- Its worker writes nothing of it any more.
            lease_epoch = j.lease_epoch + 1
        WHERE j.id = ANY (p_jobs)
          AND j.state IN ('scheduled', 'queued', 'submitting', 'generating', 'downloading', 'held')
        RETURNING j.id, j.attempt_id
    )
    SELECT coalesce(array_agg(m.id ORDER BY m.id), '{}'), coalesce(array_agg(m.attempt_id), '{}')
    INTO v_cancelled, v_attempts FROM moved AS m;
    -- A generation that is paid for ends here. A POST that is under way becomes unknown: its answer is still taken as a
    -- fact about credits, key and slot, whoever brings it, and if none ever comes nobody has to repair anything.
    UPDATE meshmill.attempts AS a
    SET state = CASE a.state WHEN 'generating' THEN 'failed' ELSE 'unknown' END::meshmill.attempt_state,
        ended_at = v_now, error_code = 'cancelled', error = p_error
    WHERE a.id = ANY (v_attempts) AND a.state IN ('submitting', 'generating');
    RETURN QUERY SELECT u.id FROM unnest(v_cancelled) AS u (id);
END $$;
COMMENT ON FUNCTION meshmill.cancel_jobs(bigint[], text, text) IS 'Cancels jobs that have not ended; returns those that were. Credits already spent stay spent.';

-- Submissions of a tenant with a bound take turns, so that two of them do not pass it together.
CREATE FUNCTION meshmill.check_queue_bound(p_tenant bigint) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_tenant text;
    v_bound bigint;
    v_waiting bigint;
BEGIN
    SELECT t.name, t.max_queued INTO v_tenant, v_bound FROM meshmill.tenants AS t WHERE t.id = p_tenant;
    IF v_bound IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('meshmill.check_queue_bound', p_tenant));
    SELECT count(*) INTO v_waiting FROM (
        SELECT 1
        FROM meshmill.batches AS b
        CROSS JOIN LATERAL (
            (SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = b.id AND j.state = 'queued' LIMIT v_bound + 1)
            UNION ALL
            (SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = b.id AND j.state = 'scheduled' LIMIT v_bound + 1)
        ) AS j
        WHERE b.tenant_id = p_tenant AND b.state <> 'finished'
        LIMIT v_bound + 1
    ) AS w;
    IF v_waiting > v_bound THEN
        RAISE EXCEPTION 'tenant % may have % jobs waiting at once, and these would be more', v_tenant, v_bound
            USING ERRCODE = 'program_limit_exceeded', CONSTRAINT = 'max_queued',
                HINT = 'submit the rest when some have run, or raise the bound: meshmill tenants set NAME --max-queued N';
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.check_queue_bound(bigint) IS 'Refuses what was just added if the tenant has more jobs waiting than its bound allows.';

CREATE FUNCTION meshmill.record_inputs(
    p_sources bytea[],
    p_inputs bytea[],
    p_formats text[],
    p_bytes integer[],
    p_widths integer[],
    p_heights integer[]
) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
BEGIN
    -- They were looked for before they were prepared, so that looking again for each would find none.
    INSERT INTO meshmill.inputs (source_sha256, input_sha256, format, bytes, width, height, created_at)
    SELECT u.source_sha256, u.input_sha256, u.format, u.bytes, u.width, u.height, v_now
    FROM unnest(p_sources, p_inputs, p_formats, p_bytes, p_widths, p_heights)
        AS u (source_sha256, input_sha256, format, bytes, width, height)
    ORDER BY u.source_sha256;
EXCEPTION WHEN unique_violation THEN
    INSERT INTO meshmill.inputs AS i (source_sha256, input_sha256, format, bytes, width, height, created_at)
    SELECT u.source_sha256, u.input_sha256, u.format, u.bytes, u.width, u.height, v_now
    FROM unnest(p_sources, p_inputs, p_formats, p_bytes, p_widths, p_heights)
        AS u (source_sha256, input_sha256, format, bytes, width, height)
    ORDER BY u.source_sha256
    ON CONFLICT (source_sha256) DO UPDATE
    SET input_sha256 = excluded.input_sha256, format = excluded.format, bytes = excluded.bytes,
        width = excluded.width, height = excluded.height
    WHERE i.input_sha256 <> excluded.input_sha256;
END $$;
COMMENT ON FUNCTION meshmill.record_inputs(bytea[], bytea[], text[], integer[], integer[], integer[]) IS 'Remembers images that were prepared; one that is prepared otherwise by now takes the place of what was recorded.';

CREATE FUNCTION meshmill.add_jobs(
    p_batch bigint,
    p_replacing boolean,
    p_fingerprints uuid[],
    p_inputs bytea[],
    p_variants integer[],
    p_custom_ids text[],
    p_sources text[],
    p_outputs text[],
    -- The variants that those numbers count from 1: a submission has few, and a thousand times the same seed need not be
    -- sent, read and paired.
    p_formats text[],
    p_modes text[],
    p_seeds bigint[],
    p_decimation_targets integer[],
    p_texture_sizes integer[],
    p_prompts text[],
    p_priorities smallint[]
) RETURNS TABLE (result text, job_id bigint, state meshmill.job_state)
    LANGUAGE plpgsql
    SET jit = off
    SET enable_seqscan = off
    SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
    v_tenant bigint;
    v_owners bigint[];
    v_left bigint[];
    v_added bigint[];
    v_requeued bigint[];
    v_has_old_jobs boolean;
    v_is_bounded boolean;
    v_is_unattended boolean;
    v_seems_new boolean;
BEGIN
    SELECT b.tenant_id, b.has_old_jobs, t.max_queued IS NOT NULL,
           b.state = 'finished' OR b.submitted_at < v_now - interval '1 minute'
    INTO v_tenant, v_has_old_jobs, v_is_bounded, v_is_unattended
    FROM meshmill.batches AS b JOIN meshmill.tenants AS t ON t.id = b.tenant_id
    WHERE b.id = p_batch;
    IF v_tenant IS NULL THEN
        RAISE EXCEPTION 'there is no batch %', p_batch USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF NOT p_formats <@ ARRAY['png', 'jpeg', 'webp'] THEN
        RAISE EXCEPTION 'an input is neither PNG nor JPEG nor WebP'
            USING ERRCODE = 'check_violation', HINT = 'submit the image again: it is then prepared anew';
    END IF;
    -- A long submission keeps its batch from being closed, without a write of the row for each chunk.
    IF v_is_unattended THEN
        UPDATE meshmill.batches AS b
        SET state = CASE WHEN b.state = 'paused' THEN 'paused' ELSE 'open' END::meshmill.batch_state, submitted_at = v_now
        WHERE b.id = p_batch;
    END IF;

    -- A first submission knows none of its jobs, and would look each of them up for nothing. So a few are looked up, and
    -- the keys of fingerprints and outputs tell of the rest.
    v_seems_new := NOT v_has_old_jobs
        AND (SELECT count(DISTINCT u.fingerprint) FROM unnest(p_fingerprints) AS u (fingerprint)) = cardinality(p_fingerprints)
        AND NOT EXISTS (
            SELECT 1
            FROM generate_series(1, cardinality(p_fingerprints), greatest(cardinality(p_fingerprints) / 8, 1)) AS n (ord)
            -- LIMIT 1: as EXISTS, either could be planned as a hash of all that the batch has.
            WHERE (SELECT true FROM meshmill.fingerprints AS f
                   WHERE f.batch_id = p_batch AND f.fingerprint = p_fingerprints[n.ord] LIMIT 1)
                OR (SELECT true FROM meshmill.outputs AS o
                    WHERE o.batch_id = p_batch AND o.output = p_outputs[n.ord] LIMIT 1));
    IF v_seems_new THEN
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(hashtextextended('meshmill.add_jobs', p_batch));
            WITH added AS (
                INSERT INTO meshmill.jobs (batch_id, tenant_id, priority, fingerprint, input_sha256, input_format, mode,
                    seed, decimation_target, texture_size, prompt, submitted_at)
                SELECT p_batch, v_tenant, p_priorities[u.variant], u.fingerprint, u.input_sha256, p_formats[u.variant],
                    p_modes[u.variant], p_seeds[u.variant], p_decimation_targets[u.variant], p_texture_sizes[u.variant],
                    p_prompts[u.variant], v_now
                FROM unnest(p_fingerprints, p_inputs, p_variants) WITH ORDINALITY AS u (fingerprint, input_sha256, variant, ord)
                ORDER BY u.ord  -- ids ascend with the order in which jobs were named
                RETURNING id
            )
            SELECT array_agg(a.id ORDER BY a.id) INTO v_added FROM added AS a;
            INSERT INTO meshmill.outputs (batch_id, output, job_id, source, custom_id)
            SELECT p_batch, u.output, u.job_id, u.source, u.custom_id
            FROM unnest(p_outputs, v_added, p_sources, p_custom_ids) AS u (output, job_id, source, custom_id)
            ORDER BY u.output;  -- as fingerprints are: who adds the same at once waits, and nobody for each other
        EXCEPTION WHEN unique_violation THEN
            -- One was there after all: nothing was done, and the shared lock is let go of.
            v_seems_new := false;
        END;
    END IF;
    IF v_seems_new THEN
        IF v_is_bounded THEN
            PERFORM meshmill.check_queue_bound(v_tenant);
        END IF;
        PERFORM pg_notify('meshmill_jobs', p_batch::text);
        RETURN QUERY SELECT 'added', u.id, 'queued'::meshmill.job_state FROM unnest(v_added) AS u (id);
        RETURN;
    END IF;

    PERFORM pg_advisory_xact_lock(hashtextextended('meshmill.add_jobs', p_batch));
    PERFORM meshmill.restore_jobs(p_batch, p_fingerprints, p_outputs);
    -- Whose each output is so far, in the order of the call.
    v_owners := ARRAY(
        SELECT (SELECT o.job_id FROM meshmill.outputs AS o WHERE o.batch_id = p_batch AND o.output = u.output LIMIT 1)
        FROM unnest(p_outputs) WITH ORDINALITY AS u (output, ord)
        ORDER BY u.ord);

    -- Every job that gets or loses an output is locked before, so that none completes in between unseen.
    PERFORM 1 FROM meshmill.jobs AS j
    WHERE j.id = ANY (ARRAY(
        SELECT (SELECT f.job_id FROM meshmill.fingerprints AS f
                WHERE f.batch_id = p_batch AND f.fingerprint = u.fingerprint LIMIT 1)
        FROM unnest(p_fingerprints) AS u (fingerprint)
        UNION SELECT u.id FROM unnest(v_owners) AS u (id) WHERE p_replacing AND u.id IS NOT NULL))
    ORDER BY j.id FOR NO KEY UPDATE;

    WITH wanted AS (
        SELECT DISTINCT ON (u.fingerprint) u.*
        FROM unnest(p_fingerprints, p_inputs, p_variants, v_owners) WITH ORDINALITY
            AS u (fingerprint, input_sha256, variant, owner, ord)
        WHERE (p_replacing OR u.owner IS NULL)
          AND NOT EXISTS (
              SELECT 1 FROM meshmill.fingerprints AS f WHERE f.batch_id = p_batch AND f.fingerprint = u.fingerprint)
        ORDER BY u.fingerprint, u.ord
    ), added AS (
        INSERT INTO meshmill.jobs (batch_id, tenant_id, priority, fingerprint, input_sha256, input_format, mode, seed,
            decimation_target, texture_size, prompt, submitted_at)
        SELECT p_batch, v_tenant, p_priorities[w.variant], w.fingerprint, w.input_sha256, p_formats[w.variant],
            p_modes[w.variant], p_seeds[w.variant], p_decimation_targets[w.variant], p_texture_sizes[w.variant],
            p_prompts[w.variant], v_now
        FROM wanted AS w
        ORDER BY w.ord  -- ids ascend with the order in which jobs were named
        RETURNING id
    )
    SELECT coalesce(array_agg(a.id), '{}') INTO v_added FROM added AS a;

    v_requeued := ARRAY(
        SELECT r.id FROM meshmill.requeue_jobs(ARRAY(
            SELECT j.id
            FROM unnest(p_fingerprints, v_owners) AS u (fingerprint, owner)
            JOIN meshmill.fingerprints AS f ON f.batch_id = p_batch AND f.fingerprint = u.fingerprint
            JOIN meshmill.jobs AS j ON j.id = f.job_id
            WHERE j.state IN ('failed', 'cancelled') AND (p_replacing OR u.owner IS NULL OR u.owner = j.id))) AS r (id));

    INSERT INTO meshmill.outputs AS o (batch_id, output, job_id, source, custom_id)
    SELECT p_batch, u.output, f.job_id, u.source, u.custom_id
    FROM unnest(p_fingerprints, p_outputs, p_sources, p_custom_ids, v_owners)
        AS u (fingerprint, output, source, custom_id, owner)
    JOIN meshmill.fingerprints AS f ON f.batch_id = p_batch AND f.fingerprint = u.fingerprint
    WHERE u.owner IS NULL OR p_replacing AND u.owner <> f.job_id
    ON CONFLICT (batch_id, output) DO UPDATE
    SET job_id = excluded.job_id, source = excluded.source, custom_id = excluded.custom_id, published_at = NULL;

    IF v_is_bounded AND cardinality(v_added) + cardinality(v_requeued) > 0 THEN
        PERFORM meshmill.check_queue_bound(v_tenant);
    END IF;

    IF p_replacing THEN
        -- Nobody wants the mesh of a job without an output.
        v_left := ARRAY(
            SELECT DISTINCT u.id FROM unnest(v_owners) AS u (id)
            WHERE u.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM meshmill.outputs AS o WHERE o.job_id = u.id));
        PERFORM meshmill.cancel_jobs(v_left, 'replaced', 'another image took its output');
    END IF;
    IF cardinality(v_added) + cardinality(v_requeued) > 0 THEN
        PERFORM pg_notify('meshmill_jobs', p_batch::text);
    END IF;

    RETURN QUERY
    SELECT CASE
               WHEN r.owner <> r.job_id THEN CASE WHEN p_replacing THEN 'replaced' ELSE 'conflict' END
               WHEN r.job_id IS NULL THEN 'conflict'
               WHEN r.is_requeued AND r.nth = 1 THEN 'requeued'
               WHEN r.owner IS NOT NULL THEN 'existing'
               WHEN r.is_added AND r.nth = 1 THEN 'added'
               ELSE 'duplicate'
           END,
           CASE WHEN p_replacing THEN r.job_id ELSE coalesce(r.owner, r.job_id) END,
           r.state
    FROM (
        SELECT u.ord, u.owner, j.id AS job_id, j.state, q.id IS NOT NULL AS is_requeued, a.id IS NOT NULL AS is_added,
               -- Of several outputs of one job, the first that was free tells of the job, the others are duplicates.
               row_number() OVER (
                   PARTITION BY j.id, u.owner IS NULL OR u.owner = j.id OR p_replacing ORDER BY u.ord) AS nth
        FROM unnest(p_fingerprints, v_owners) WITH ORDINALITY AS u (fingerprint, owner, ord)
        LEFT JOIN meshmill.fingerprints AS f ON f.batch_id = p_batch AND f.fingerprint = u.fingerprint
        LEFT JOIN meshmill.jobs AS j ON j.id = f.job_id
        LEFT JOIN unnest(v_requeued) AS q (id) ON q.id = j.id
        LEFT JOIN unnest(v_added) AS a (id) ON a.id = j.id
    ) AS r
    ORDER BY r.ord;
END $$;
COMMENT ON FUNCTION meshmill.add_jobs(bigint, boolean, uuid[], bytea[], integer[], text[], text[], text[], text[], text[], bigint[], integer[], integer[], text[], smallint[]) IS 'Adds jobs to a batch, at most 1,000, each with an output that the call names once; idempotent. One row for each, in their order: added, duplicate (one more output of an equal job), existing, requeued (had failed or was cancelled), replaced or conflict (the output is another job''s).';
