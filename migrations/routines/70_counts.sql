-- Counts along the partial indexes, which stop at a bound.

CREATE FUNCTION meshmill.batch_counts(p_batch bigint, p_cap bigint DEFAULT NULL)
    RETURNS TABLE (state meshmill.job_state, jobs bigint)
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    SELECT s.state, (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state = s.state
              -- Said again as constants, so that each state finds its partial index.
              AND j.state IN ('completed', 'failed', 'cancelled', 'held')
            UNION ALL
            SELECT 1 FROM meshmill.old_jobs AS o WHERE o.batch_id = p_batch AND o.state = s.state
            LIMIT p_cap) AS c)
    FROM (VALUES ('completed'::meshmill.job_state), ('failed'), ('cancelled'), ('held')) AS s (state)
    UNION ALL
    SELECT s.state, (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state = s.state
              AND j.state IN ('scheduled', 'submitting', 'generating', 'downloading')
            LIMIT p_cap) AS c)
    FROM (VALUES ('scheduled'::meshmill.job_state), ('submitting'), ('generating'), ('downloading')) AS s (state)
    UNION ALL
    SELECT 'queued', (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state = 'queued' LIMIT p_cap) AS c);
END;
COMMENT ON FUNCTION meshmill.batch_counts(bigint, bigint) IS 'How many jobs of a batch are in each state, each counted up to p_cap along its partial index. NULL: counted to the end.';

CREATE FUNCTION meshmill.job_counts(p_cap bigint) RETURNS TABLE (state meshmill.job_state, jobs bigint, capped boolean)
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    WITH ended AS MATERIALIZED (
        SELECT e.state FROM (
            SELECT j.state FROM meshmill.jobs AS j WHERE j.state IN ('completed', 'failed', 'cancelled', 'held')
            UNION ALL
            SELECT o.state FROM meshmill.old_jobs AS o
            LIMIT p_cap
        ) AS e
    ), counted AS (
        SELECT e.state, count(*) AS jobs, (SELECT count(*) FROM ended) >= p_cap AS capped FROM ended AS e GROUP BY e.state
        UNION ALL
        SELECT j.state, count(*), false
        FROM meshmill.jobs AS j
        WHERE j.state IN ('scheduled', 'submitting', 'generating', 'downloading')
        GROUP BY j.state
        UNION ALL
        SELECT 'queued', q.jobs, q.jobs >= p_cap
        FROM (SELECT count(*) AS jobs FROM (
            SELECT 1 FROM meshmill.jobs AS j WHERE j.state = 'queued' LIMIT p_cap) AS l) AS q
    )
    SELECT s.state, coalesce(c.jobs, 0), coalesce(c.capped, false)
    FROM unnest(enum_range(NULL::meshmill.job_state)) AS s (state)
    LEFT JOIN counted AS c ON c.state = s.state;
END;
COMMENT ON FUNCTION meshmill.job_counts(bigint) IS 'How many jobs there are in each state. Queued ones are counted up to p_cap, ended ones together up to p_cap; capped says where that was not all.';

-- How far views of many batches count in each of them, so that all of it stays some ten milliseconds.
CREATE FUNCTION meshmill.count_cap() RETURNS bigint
    LANGUAGE sql STABLE
    RETURN (SELECT greatest(200, least(10000, 100000 / greatest(count(*), 1))) FROM meshmill.batches AS b WHERE b.state <> 'finished');
COMMENT ON FUNCTION meshmill.count_cap() IS 'How far views count in each batch: to 10,000, and less far with more than twenty batches that are not finished.';

CREATE FUNCTION meshmill.waiting_counts(p_batch bigint, p_cap bigint)
    RETURNS TABLE (queued bigint, scheduled bigint, in_flight bigint, capped boolean)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT q.queued, a.scheduled, a.in_flight, q.queued >= p_cap OR a.scheduled + a.in_flight >= p_cap
    FROM (
        SELECT count(*) AS queued FROM (
            SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state = 'queued' LIMIT p_cap) AS c
    ) AS q
    CROSS JOIN (
        SELECT count(*) FILTER (WHERE c.state = 'scheduled') AS scheduled,
               count(*) FILTER (WHERE c.state <> 'scheduled') AS in_flight
        FROM (
            SELECT j.state FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state IN ('scheduled', 'submitting', 'generating', 'downloading') LIMIT p_cap
        ) AS c
    ) AS a;
END;
COMMENT ON FUNCTION meshmill.waiting_counts(bigint, bigint) IS 'How many jobs of a batch wait for a slot, wait for a time and are in flight, counted along the partial indexes up to p_cap each.';
