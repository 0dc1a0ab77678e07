-- Retention: jobs that ended long ago move, in small steps and with their attempts and ledger entries, from the tables
-- that every claim writes to tables by month; a month is dropped as a whole once it is older than is to be kept.

-- How long ended jobs are at hand, and how long old ones are kept; NULL is for ever.
CREATE FUNCTION meshmill.time_to_archive() RETURNS interval
    LANGUAGE sql STABLE
    RETURN coalesce((SELECT s.value::interval FROM meshmill.settings AS s WHERE s.name = 'archive_after'), interval '30 days');
COMMENT ON FUNCTION meshmill.time_to_archive() IS 'The setting archive_after: how long after its end a job is put away.';

CREATE FUNCTION meshmill.time_to_keep() RETURNS interval
    LANGUAGE sql STABLE
    RETURN (SELECT s.value::interval FROM meshmill.settings AS s WHERE s.name = 'retention');
COMMENT ON FUNCTION meshmill.time_to_keep() IS 'The setting retention: how long after the end of its month an old job is kept. NULL: for ever.';

CREATE FUNCTION meshmill.make_month(p_month date) RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_next date := p_month + interval '1 month';
    v_table text;
    v_name text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['old_jobs', 'old_attempts', 'old_ledger'] LOOP
        v_name := v_table || to_char(p_month, '_YYYY_MM');
        CONTINUE WHEN to_regclass('meshmill.' || v_name) IS NOT NULL;
        EXECUTE format('CREATE TABLE meshmill.%I PARTITION OF meshmill.%I FOR VALUES FROM (%L) TO (%L)', v_name, v_table,
            to_char(p_month, 'YYYY-MM-DD') || CASE v_table WHEN 'old_jobs' THEN ' 00:00:00+00' ELSE '' END,
            to_char(v_next, 'YYYY-MM-DD') || CASE v_table WHEN 'old_jobs' THEN ' 00:00:00+00' ELSE '' END);
        EXECUTE format('COMMENT ON TABLE meshmill.%I IS %L', v_name, 'One month of ' || v_table || '.');
    END LOOP;
END $$;
COMMENT ON FUNCTION meshmill.make_month(date) IS 'Makes the tables of a month for old jobs, if they are not there.';

CREATE FUNCTION meshmill.archive_jobs(p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '500ms'
    SET jit = off
AS $$
DECLARE
    v_before timestamptz := meshmill.clock() - meshmill.time_to_archive();
    v_jobs bigint[];
    v_attempts bigint[];
    v_month date;
BEGIN
    v_jobs := ARRAY(
        SELECT e.id
        FROM meshmill.batches AS b
        CROSS JOIN LATERAL (
            SELECT j.id FROM meshmill.jobs AS j
            WHERE j.batch_id = b.id AND j.state IN ('completed', 'failed', 'cancelled') AND j.completed_at < v_before
            LIMIT p_limit
        ) AS e
        WHERE b.state = 'finished' AND b.submitted_at < v_before
        LIMIT p_limit);
    PERFORM 1 FROM meshmill.batches AS b
    WHERE b.id = ANY (ARRAY(SELECT j.batch_id FROM meshmill.jobs AS j WHERE j.id = ANY (v_jobs)))
    ORDER BY b.id FOR NO KEY UPDATE;
    v_jobs := ARRAY(
        SELECT j.id FROM meshmill.jobs AS j
        WHERE j.id = ANY (v_jobs) AND j.state IN ('completed', 'failed', 'cancelled')
          AND (SELECT b.state FROM meshmill.batches AS b WHERE b.id = j.batch_id) = 'finished'
          -- What may still be charged or refunded stays at hand.
          AND (SELECT true FROM meshmill.attempts AS a
               WHERE a.job_id = j.id AND (a.reserved OR a.ended_at IS NULL) LIMIT 1) IS NULL
          AND (SELECT true FROM meshmill.attempts AS a JOIN meshmill.open_refunds AS r ON r.attempt_id = a.id
               WHERE a.job_id = j.id LIMIT 1) IS NULL
          -- So does what may count in a window, even in one that is made longer: slots are made anew from it.
          AND (SELECT true FROM meshmill.attempts AS a JOIN meshmill.keys AS k ON k.id = a.key_id
               WHERE a.job_id = j.id
                 AND meshmill.latest_count(a) > meshmill.clock() - 2 * (k.rate_window + k.margin) LIMIT 1) IS NULL
        ORDER BY j.id FOR UPDATE SKIP LOCKED);
    IF cardinality(v_jobs) = 0 THEN
        RETURN 0;
    END IF;
    v_attempts := ARRAY(SELECT a.id FROM meshmill.attempts AS a WHERE a.job_id = ANY (v_jobs));
    FOR v_month IN
        SELECT DISTINCT date_trunc('month', j.completed_at AT TIME ZONE 'UTC')::date FROM meshmill.jobs AS j WHERE j.id = ANY (v_jobs)
    LOOP
        PERFORM meshmill.make_month(v_month);
    END LOOP;
    UPDATE meshmill.batches AS b SET has_old_jobs = true
    WHERE b.id = ANY (ARRAY(SELECT j.batch_id FROM meshmill.jobs AS j WHERE j.id = ANY (v_jobs))) AND NOT b.has_old_jobs;
    PERFORM set_config('meshmill.moves_ledger', 'on', true);
    WITH gone AS (DELETE FROM meshmill.ledger AS l WHERE l.attempt_id = ANY (v_attempts) RETURNING l.*)
    INSERT INTO meshmill.old_ledger
    SELECT g.*, date_trunc('month', j.completed_at AT TIME ZONE 'UTC')::date
    FROM gone AS g
    JOIN meshmill.attempts AS a ON a.id = g.attempt_id
    JOIN meshmill.jobs AS j ON j.id = a.job_id;
    PERFORM set_config('meshmill.moves_ledger', 'off', true);
    WITH gone AS (DELETE FROM meshmill.attempts AS a WHERE a.id = ANY (v_attempts) RETURNING a.*)
    INSERT INTO meshmill.old_attempts
    SELECT g.*, date_trunc('month', j.completed_at AT TIME ZONE 'UTC')::date
    FROM gone AS g JOIN meshmill.jobs AS j ON j.id = g.job_id;
    WITH gone AS (DELETE FROM meshmill.jobs AS j WHERE j.id = ANY (v_jobs) RETURNING j.*)
    INSERT INTO meshmill.old_jobs SELECT g.* FROM gone AS g;
    RETURN cardinality(v_jobs);
END $$;
COMMENT ON FUNCTION meshmill.archive_jobs(integer) IS 'Moves at most p_limit jobs of finished batches that ended before archive_after, with their attempts and ledger entries, to the old_ tables; returns how many.';

CREATE FUNCTION meshmill.restore_jobs(p_batch bigint, p_fingerprints uuid[], p_outputs text[]) RETURNS integer
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
DECLARE
    v_jobs bigint[];
BEGIN
    IF NOT (SELECT b.has_old_jobs FROM meshmill.batches AS b WHERE b.id = p_batch) THEN
        RETURN 0;
    END IF;
    v_jobs := ARRAY(
        SELECT j.id FROM meshmill.old_jobs AS j WHERE j.batch_id = p_batch AND j.fingerprint = ANY (p_fingerprints)
        UNION
        SELECT j.id FROM meshmill.old_jobs AS j
        WHERE j.id = ANY (ARRAY(
            SELECT o.job_id FROM meshmill.outputs AS o WHERE o.batch_id = p_batch AND o.output = ANY (p_outputs))));
    IF cardinality(v_jobs) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM meshmill.bring_back(v_jobs);
    RETURN cardinality(v_jobs);
END $$;
COMMENT ON FUNCTION meshmill.restore_jobs(bigint, uuid[], text[]) IS 'Brings back the old jobs of a batch that a submission names, by fingerprint or output; returns how many. For add_jobs.';

CREATE FUNCTION meshmill.bring_back(p_jobs bigint[]) RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
DECLARE
    v_attempts bigint[] := ARRAY(SELECT a.id FROM meshmill.old_attempts AS a WHERE a.job_id = ANY (p_jobs));
    v_table text;
BEGIN
    WITH back AS (DELETE FROM meshmill.old_jobs AS j WHERE j.id = ANY (p_jobs) RETURNING j.*)
    INSERT INTO meshmill.jobs OVERRIDING SYSTEM VALUE SELECT g.* FROM back AS g;
    FOREACH v_table IN ARRAY ARRAY['attempts', 'ledger'] LOOP
        EXECUTE format(
            'WITH back AS (DELETE FROM meshmill.%1$I AS l WHERE l.%2$I = ANY ($1) RETURNING l.*)
             INSERT INTO meshmill.%3$I (%4$s) OVERRIDING SYSTEM VALUE SELECT %4$s FROM back',
            'old_' || v_table, CASE v_table WHEN 'attempts' THEN 'id' ELSE 'attempt_id' END, v_table, (
                SELECT string_agg(quote_ident(c.attname), ', ' ORDER BY c.attnum) FROM pg_attribute AS c
                WHERE c.attrelid = ('meshmill.' || v_table)::regclass AND c.attnum > 0 AND NOT c.attisdropped))
        USING v_attempts;
    END LOOP;
END $$;
COMMENT ON FUNCTION meshmill.bring_back(bigint[]) IS 'Moves old jobs, with their attempts and ledger entries, back to the tables that claims read.';

CREATE FUNCTION meshmill.drop_months() RETURNS integer
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '500ms'
    SET jit = off
AS $$
DECLARE
    v_before timestamptz := meshmill.clock() - meshmill.time_to_keep();
    v_month date;
    v_suffix text;
    v_left integer;
    v_dropped integer := 0;
BEGIN
    IF v_before IS NULL THEN
        RETURN 0;
    END IF;
    FOR v_suffix, v_month IN
        SELECT right(c.relname, 8), to_date(right(c.relname, 7), 'YYYY_MM')
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'meshmill.old_jobs'::regclass ORDER BY 2
    LOOP
        CONTINUE WHEN (v_month + interval '1 month') AT TIME ZONE 'UTC' > v_before;
        -- Where its files went is forgotten first, in small steps.
        EXECUTE format(
            'DELETE FROM meshmill.outputs AS o WHERE (o.batch_id, o.output) IN (
                SELECT f.batch_id, f.output FROM meshmill.%I AS j JOIN meshmill.outputs AS f ON f.job_id = j.id LIMIT 10000)',
            'old_jobs' || v_suffix);
        GET DIAGNOSTICS v_left = ROW_COUNT;
        EXIT WHEN v_left > 0;
        EXECUTE format(
            'INSERT INTO meshmill.dropped_credits (kind, amount, key_id, org_id, tenant_id, batch_id, key_month, period)
             SELECT l.kind, sum(l.amount), l.key_id, l.org_id, l.tenant_id, l.batch_id, l.key_month, l.period
             FROM meshmill.%I AS l WHERE l.kind IN (''charge'', ''refund'')
             GROUP BY l.kind, l.key_id, l.org_id, l.tenant_id, l.batch_id, l.key_month, l.period', 'old_ledger' || v_suffix);
        EXECUTE format('DROP TABLE meshmill.%I, meshmill.%I, meshmill.%I', 'old_jobs' || v_suffix,
            'old_attempts' || v_suffix, 'old_ledger' || v_suffix);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped;
END $$;
COMMENT ON FUNCTION meshmill.drop_months() IS 'Drops the months of old jobs that are older than the setting retention, after their outputs, 10,000 a call; returns how many months.';
