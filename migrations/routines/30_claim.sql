-- Claim: one short transaction that pairs free slots with runnable jobs and writes the intent of each POST
-- (attempt, slot, reserves) before a byte of it leaves.
--
-- It decides on the small tables first (keys, tenants, open batches) and reads jobs only for the slots that were
-- granted, so that its cost grows neither with the backlog nor with what is blocked in it.
-- Locks are taken in the order org, key, slot, tenant, batch, job, ledger, ids ascending, everywhere.

-- How far an even pace through the month has come, in the thirty-seconds of keys.use_rank.
CREATE FUNCTION meshmill.pace_rank(p_now timestamptz) RETURNS integer
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_now timestamp := p_now AT TIME ZONE 'UTC';
    v_first timestamp := date_trunc('month', v_now);
BEGIN
    RETURN floor(32 * extract(epoch FROM v_now - v_first) / extract(epoch FROM v_first + interval '1 month' - v_first));
END $$;
COMMENT ON FUNCTION meshmill.pace_rank(timestamptz) IS 'Thirty-seconds of the month (UTC) that have passed.';

-- Ready keys of a pool that may be claimed, best first. One probe of the index for each thirty-second, since ready_at is
-- ordered within them alone; fill-first goes by age.
--
-- Claims at the same time would all find the same keys and wait for each other to find them taken. The advisory lock
-- (tried, never waited for, so that it has no place in the order of locks) lets each find others.
CREATE FUNCTION meshmill.ready_keys(
    p_pool bigint, p_policy text, p_pace_rank integer, p_limit integer, p_now timestamptz,
    OUT key_ids bigint[], OUT org_ids bigint[]
)
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    -- Parked and disabled keys whose time has come are tried first: there are few, and their answer is news.
    SELECT coalesce(array_agg(c.id), '{}'), coalesce(array_agg(c.org_id), '{}') INTO key_ids, org_ids
    FROM (
        SELECT k.id, k.org_id
        FROM meshmill.keys AS k
        JOIN meshmill.orgs AS o ON o.id = k.org_id
        WHERE k.pool_id = p_pool AND k.state IN ('parked', 'disabled') AND k.probe_at <= p_now
          AND k.ready_at <= p_now AND NOT meshmill.is_at_own_cap(k, p_now) AND meshmill.may_spend(o, p_now)
        ORDER BY k.probe_at
        LIMIT p_limit
    ) AS c;
    IF p_policy = 'fill-first' THEN
        SELECT key_ids || array_agg(c.id), org_ids || array_agg(c.org_id) INTO key_ids, org_ids
        FROM (
            SELECT k.id, k.org_id
            FROM meshmill.keys AS k
            JOIN meshmill.orgs AS o ON o.id = k.org_id
            WHERE k.pool_id = p_pool AND k.state = 'active' AND k.ready_at <= p_now
              AND meshmill.has_quota(k) AND meshmill.may_spend(o, p_now)
              AND pg_try_advisory_xact_lock(8115, k.id::integer)
            ORDER BY k.id
            LIMIT p_limit - cardinality(key_ids)
        ) AS c;
        RETURN;
    END IF;
    IF p_policy = 'even' THEN
        -- In turn, those that are not ahead of the month.
        SELECT key_ids || array_agg(c.id), org_ids || array_agg(c.org_id) INTO key_ids, org_ids
        FROM (
            SELECT e.id, e.org_id
            FROM generate_series(0, p_pace_rank) AS r (rank)
            CROSS JOIN LATERAL (
                SELECT k.id, k.org_id, k.ready_at
                FROM meshmill.keys AS k
                JOIN meshmill.orgs AS o ON o.id = k.org_id
                WHERE k.pool_id = p_pool AND k.state = 'active' AND k.use_rank = r.rank AND k.ready_at <= p_now
                  AND meshmill.has_quota(k) AND meshmill.may_spend(o, p_now)
                  AND pg_try_advisory_xact_lock(8115, k.id::integer)
                ORDER BY k.ready_at
                LIMIT p_limit
            ) AS e
            ORDER BY e.ready_at, e.id
            LIMIT p_limit - cardinality(key_ids)
        ) AS c;
    END IF;
    IF cardinality(key_ids) >= p_limit THEN
        RETURN;
    END IF;
    -- Rank after rank, and no further than the limit: nothing here is sorted but by the index.
    SELECT key_ids || array_agg(c.id), org_ids || array_agg(c.org_id) INTO key_ids, org_ids
    FROM (
        SELECT e.id, e.org_id
        FROM generate_series(CASE p_policy WHEN 'even' THEN p_pace_rank + 1 ELSE 0 END, 32) AS r (rank)
        CROSS JOIN LATERAL (
            SELECT k.id, k.org_id
            FROM meshmill.keys AS k
            JOIN meshmill.orgs AS o ON o.id = k.org_id
            WHERE k.pool_id = p_pool AND k.state = 'active' AND k.use_rank = r.rank AND k.ready_at <= p_now
              AND meshmill.has_quota(k) AND meshmill.may_spend(o, p_now)
              AND pg_try_advisory_xact_lock(8115, k.id::integer)
            ORDER BY k.ready_at
            LIMIT p_limit - cardinality(key_ids)
        ) AS e
        LIMIT p_limit - cardinality(key_ids)
    ) AS c;
END $$;
COMMENT ON FUNCTION meshmill.ready_keys(bigint, text, integer, integer, timestamptz) IS 'The keys of a pool that may send now, in the order of a key policy, at most p_limit, and the org of each.';

-- Whether an org may be charged one more credit, or be tried again.
CREATE FUNCTION meshmill.may_spend(o meshmill.orgs, p_now timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN NOT o.paused
        AND (o.parked_until IS NULL OR o.parked_until <= p_now)
        AND (o.credits_remaining IS NULL OR o.credits_remaining > o.reserved
             OR o.parked_until IS NOT NULL AND o.reserved = 0);
COMMENT ON FUNCTION meshmill.may_spend(meshmill.orgs, timestamptz) IS 'Whether a POST may spend a credit of an org now.';

-- The next fresh jobs of a batch, unlocked: those behind the caller's cursor, by priority and age.
--
-- They are ordered by id + 0, which only jobs_queued has: by id alone, the plan would be a walk along the primary key,
-- past all that has ended, as soon as the priority is known.
--
-- A cursor is the last fresh job of a batch that a caller was given. While somebody holds a snapshot, the index keeps an
-- entry for every job that was claimed since, and only a reader that starts behind them does not walk through them all.
CREATE FUNCTION meshmill.fresh_jobs(p_batch bigint, p_most bigint, p_cursor_batches bigint[],
    p_cursor_priorities smallint[], p_cursor_jobs bigint[], OUT id bigint, OUT priority smallint) RETURNS SETOF record
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT u.id, u.priority
    FROM (
        (SELECT j.id, j.priority FROM meshmill.jobs AS j
         WHERE j.batch_id = p_batch AND j.state = 'queued' AND NOT j.due
           AND array_position(p_cursor_batches, p_batch) IS NOT NULL  -- or it would be a probe for nothing
           AND j.priority = p_cursor_priorities[array_position(p_cursor_batches, p_batch)]
           AND j.id + 0 > p_cursor_jobs[array_position(p_cursor_batches, p_batch)]
         ORDER BY j.priority DESC, j.id + 0 LIMIT p_most)
        UNION ALL
        (SELECT j.id, j.priority FROM meshmill.jobs AS j
         WHERE j.batch_id = p_batch AND j.state = 'queued' AND NOT j.due
           AND j.priority <= coalesce(p_cursor_priorities[array_position(p_cursor_batches, p_batch)] - 1, 32767)
         ORDER BY j.priority DESC, j.id + 0 LIMIT p_most)
    ) AS u
    LIMIT p_most;
END;
COMMENT ON FUNCTION meshmill.fresh_jobs(bigint, bigint, bigint[], smallint[], bigint[]) IS 'At most p_most fresh jobs of a batch behind the cursor that is given for it.';

CREATE FUNCTION meshmill.queued_jobs(p_batch bigint, p_most bigint, p_cursor_batches bigint[],
    p_cursor_priorities smallint[], p_cursor_jobs bigint[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT u.id
    FROM (
        (SELECT j.id FROM meshmill.jobs AS j
         WHERE j.batch_id = p_batch AND j.state = 'queued' AND j.due
         ORDER BY j.priority DESC, j.id LIMIT p_most)
        UNION ALL
        SELECT f.id
        FROM meshmill.fresh_jobs(p_batch, p_most, p_cursor_batches, p_cursor_priorities, p_cursor_jobs) AS f
    ) AS u
    LIMIT p_most;
END;
COMMENT ON FUNCTION meshmill.queued_jobs(bigint, bigint, bigint[], smallint[], bigint[]) IS 'At most p_most queued jobs of a batch: those queued once more, then fresh ones behind the cursor that is given for it.';

-- How many of the first batches have to be looked at, so that no other one is locked.
--
-- A batch whose first job is worse than p_most jobs of the batches before it has none among the best p_most.
CREATE FUNCTION meshmill.batches_in_turn(p_batches bigint[], p_priorities smallint[], p_jobs bigint[], p_most integer,
    p_now timestamptz, p_cursor_batches bigint[], p_cursor_priorities smallint[], p_cursor_jobs bigint[])
    RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_batches integer := 1;
BEGIN
    WHILE v_batches < least(cardinality(p_batches), p_most) LOOP
        EXIT WHEN p_most = (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM meshmill.batches AS b
                CROSS JOIN LATERAL meshmill.fresh_jobs(b.id, meshmill.batch_room(b, p_most, p_now), p_cursor_batches,
                    p_cursor_priorities, p_cursor_jobs) AS f
                WHERE b.id = ANY (p_batches[:v_batches])
                  AND (f.priority > p_priorities[v_batches + 1]
                       OR f.priority = p_priorities[v_batches + 1] AND f.id < p_jobs[v_batches + 1])
                LIMIT p_most
            ) AS c);
        v_batches := v_batches * 2;
    END LOOP;
    RETURN least(v_batches, cardinality(p_batches));
END $$;
COMMENT ON FUNCTION meshmill.batches_in_turn(bigint[], smallint[], bigint[], integer, timestamptz, bigint[], smallint[], bigint[]) IS 'Of batches in the order of their first fresh jobs, which are given: in how many of the first ones the next p_most jobs lie.';

CREATE FUNCTION meshmill.lock_due_jobs(p_batches bigint[], p_most bigint, p_taken bigint[], p_now timestamptz)
    RETURNS bigint[]
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    IF p_most < 1 THEN
        RETURN '{}';
    END IF;
    RETURN coalesce((
        SELECT array_agg(f.id ORDER BY f.priority DESC, f.id)
        FROM (
            SELECT q.id, q.priority
            FROM meshmill.batches AS b
            CROSS JOIN LATERAL (
                SELECT j.id, j.priority FROM meshmill.jobs AS j
                WHERE j.batch_id = b.id AND j.state = 'queued' AND j.due
                ORDER BY j.priority DESC, j.id
                LIMIT meshmill.room_left(b, p_most, p_taken, p_now)
                FOR NO KEY UPDATE SKIP LOCKED
            ) AS q
            WHERE b.id = ANY (p_batches) AND b.state = 'open'
            ORDER BY q.priority DESC, q.id
            LIMIT p_most
        ) AS f), '{}');
END $$;
COMMENT ON FUNCTION meshmill.lock_due_jobs(bigint[], bigint, bigint[], timestamptz) IS 'Locks at most p_most jobs of batches that were queued once more; p_taken are those of this claim already, which use up their batches'' room.';

CREATE FUNCTION meshmill.lock_fresh_jobs(p_batches bigint[], p_most bigint, p_taken bigint[], p_now timestamptz,
    p_cursor_batches bigint[], p_cursor_priorities smallint[], p_cursor_jobs bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    IF p_most < 1 THEN
        RETURN '{}';
    END IF;
    RETURN coalesce((
        SELECT array_agg(f.id ORDER BY f.priority DESC, f.id)
        FROM (
            SELECT q.id, q.priority
            FROM meshmill.batches AS b
            CROSS JOIN LATERAL (
                SELECT u.id, u.priority
                FROM (
                    SELECT * FROM (
                        SELECT j.id, j.priority FROM meshmill.jobs AS j
                        WHERE j.batch_id = b.id AND j.state = 'queued' AND NOT j.due
                          AND array_position(p_cursor_batches, b.id) IS NOT NULL
                          AND j.priority = p_cursor_priorities[array_position(p_cursor_batches, b.id)]
                          AND j.id + 0 > p_cursor_jobs[array_position(p_cursor_batches, b.id)]
                        ORDER BY j.priority DESC, j.id + 0
                        LIMIT meshmill.room_left(b, p_most, p_taken, p_now)
                        FOR NO KEY UPDATE SKIP LOCKED
                    ) AS here
                    UNION ALL
                    SELECT * FROM (
                        SELECT j.id, j.priority FROM meshmill.jobs AS j
                        WHERE j.batch_id = b.id AND j.state = 'queued' AND NOT j.due
                          AND j.priority <= coalesce(p_cursor_priorities[array_position(p_cursor_batches, b.id)] - 1, 32767)
                        ORDER BY j.priority DESC, j.id + 0
                        LIMIT meshmill.room_left(b, p_most, p_taken, p_now)
                        FOR NO KEY UPDATE SKIP LOCKED
                    ) AS below
                ) AS u
                -- The branches are read one after the other, and the second one only as far as the first fell short.
                LIMIT meshmill.room_left(b, p_most, p_taken, p_now)
            ) AS q
            WHERE b.id = ANY (p_batches) AND b.state = 'open'
            ORDER BY q.priority DESC, q.id
            LIMIT p_most
        ) AS f), '{}');
END $$;
COMMENT ON FUNCTION meshmill.lock_fresh_jobs(bigint[], bigint, bigint[], timestamptz, bigint[], smallint[], bigint[]) IS 'Locks at most p_most fresh jobs of batches, by priority and age, behind the cursors.';

CREATE FUNCTION meshmill.claim(
    p_worker uuid,
    p_limit integer,
    p_pool bigint,
    p_batch bigint,
    p_request_deadline interval,
    p_grace interval,
    p_probe boolean,
    p_cursor_batches bigint[] DEFAULT '{}',
    p_cursor_priorities smallint[] DEFAULT '{}',
    p_cursor_jobs bigint[] DEFAULT '{}',
    p_skip_held boolean DEFAULT false
) RETURNS SETOF meshmill.claimed
    LANGUAGE plpgsql
    SET lock_timeout = '500ms'
    SET jit = off
    SET enable_seqscan = off
    SET enable_bitmapscan = off
    SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan
    SET random_page_cost = 1.1
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_counted_by timestamptz := v_now + p_request_deadline + p_grace;
    v_limit integer := p_limit;
    v_allowed integer;
    v_tenants bigint[];
    v_batches bigint[];
    v_locked bigint[];
    v_idle bigint[] := '{}';
    v_has_due boolean;
    -- The batches with work, by their first fresh job.
    v_work_tenants bigint[];
    v_work_batches bigint[];
    v_work_priorities smallint[];
    v_work_jobs bigint[];
    v_work_due_priorities smallint[];
    v_work_due_jobs bigint[];
    v_fresh_batches bigint[];
    v_fresh_priorities smallint[];
    v_fresh_jobs bigint[];
    v_due_batches bigint[];
    v_turn integer;
    v_joins boolean[];
    v_candidates bigint[];
    v_candidate_orgs bigint[];
    v_model meshmill.window_model;
    v_pool record;
    v_ready record;
    v_nths bigint[] := '{}';
    -- The keys that are granted, best first: what the intent needs to know of each.
    v_keys bigint[];
    v_orgs bigint[];
    v_pools bigint[];
    v_slots integer[];
    v_next_free timestamptz[];
    v_names text[];
    v_windows interval[];
    v_margins interval[];
    v_months integer[];
    v_charged bigint[];
    v_probes boolean[];
    v_grants integer;
    v_tenant record;
    v_floor double precision;
    v_ids bigint[];
    v_tags double precision[];
    v_weights double precision[];
    v_left integer[];
    v_is_alone boolean;
    v_tenant_pools bigint[];
    v_granted integer[];
    v_due_shares double precision[];
    v_due integer;
    v_due_found bigint[];
    v_fresh_found bigint[];
    v_best integer;
    v_job_ids bigint[] := '{}';
    v_job_pools bigint[] := '{}';
    v_found bigint[];
BEGIN
    -- The intent must be durable before the POST, whatever the session says.
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;

    IF NOT (SELECT i.submitting FROM meshmill.installation AS i)
        -- Another server than the one that was last looked at may have forgotten what was sent.
        OR NOT (SELECT s.started_at IS NULL OR s.started_at = pg_postmaster_start_time() FROM meshmill.server_seen AS s)
        OR NOT EXISTS (SELECT 1 FROM meshmill.workers AS w WHERE w.id = p_worker AND w.lease_until > v_now) THEN
        RETURN;
    END IF;
    IF p_probe THEN
        v_limit := 1;
    ELSE
        v_allowed := meshmill.breaker_allows();
        IF v_allowed IS NOT NULL THEN
            v_limit := least(v_limit, v_allowed
                - (SELECT count(*)::integer FROM meshmill.attempts AS a WHERE a.state = 'submitting'));
        END IF;
    END IF;
    IF v_limit < 1 THEN
        RETURN;
    END IF;

    -- 1. Who has work: tenants with an open batch that has a queued job, and the first fresh job of each, found by an
    -- index probe a batch. Mostly no job at all was queued once more, and one probe tells so for all batches.
    v_has_due := (SELECT true FROM meshmill.jobs AS j WHERE j.state = 'queued' AND j.due LIMIT 1) IS NOT NULL;
    SELECT array_agg(DISTINCT w.tenant_id ORDER BY w.tenant_id), array_agg(DISTINCT w.pool_id),
           array_agg(w.tenant_id), array_agg(w.id), array_agg(w.priority), array_agg(w.job_id),
           array_agg(w.due_priority), array_agg(w.due_job_id)
    INTO v_tenants, v_pools, v_work_tenants, v_work_batches, v_work_priorities, v_work_jobs, v_work_due_priorities,
        v_work_due_jobs
    FROM (
        SELECT b.tenant_id, t.pool_id, b.id, f.priority, f.id AS job_id, d.priority AS due_priority, d.id AS due_job_id
        FROM meshmill.tenants AS t
        JOIN meshmill.batches AS b ON b.tenant_id = t.id AND b.state = 'open'
        LEFT JOIN LATERAL meshmill.fresh_jobs(b.id, 1, p_cursor_batches, p_cursor_priorities, p_cursor_jobs) AS f ON true
        LEFT JOIN LATERAL (
            SELECT j.id, j.priority FROM meshmill.jobs AS j
            WHERE v_has_due AND j.batch_id = b.id AND j.state = 'queued' AND j.due ORDER BY j.priority DESC, j.id LIMIT 1
        ) AS d ON true
        WHERE NOT t.paused
          AND (p_pool IS NULL OR t.pool_id = p_pool)
          AND (p_batch IS NULL OR b.id = p_batch)
          AND meshmill.batch_room(b, 1, v_now) > 0
          AND (t.monthly_budget IS NULL OR t.monthly_used + t.reserved < t.monthly_budget)
          AND (f.id IS NOT NULL OR d.id IS NOT NULL)
        ORDER BY f.priority DESC, f.id
    ) AS w;
    IF v_tenants IS NULL THEN
        RETURN;
    END IF;
    -- A job that comes alone is not to wait until a hundred keys are chosen, locked and looked at again. Twice as many
    -- keys as jobs leave some for those that another claim or their org's credits take away. Pools take turns, so that
    -- the jobs of one say nothing of the others' keys.
    IF cardinality(v_pools) = 1 AND NOT p_probe THEN
        v_limit := least(v_limit, 2 + 2 * (
            SELECT count(*) FROM (
                SELECT 1
                FROM unnest(v_work_batches) AS b (id)
                CROSS JOIN LATERAL meshmill.queued_jobs(b.id, v_limit, p_cursor_batches, p_cursor_priorities, p_cursor_jobs)
                LIMIT v_limit
            ) AS w));
    END IF;

    -- 2. Which keys are ready, in the order of each pool's policy; pools take turns. Read along an index, so that the
    -- cost is that of what is granted, however many keys are ready and however many are not.
    FOR v_pool IN
        SELECT p.id, p.key_policy, meshmill.pace_rank(v_now) AS pace_rank
        FROM meshmill.pools AS p WHERE p.id = ANY (v_pools) AND NOT p.paused ORDER BY p.id
    LOOP
        SELECT r.key_ids, r.org_ids INTO v_ready
        FROM meshmill.ready_keys(v_pool.id, v_pool.key_policy, v_pool.pace_rank,
            CASE WHEN p_probe THEN 20 WHEN p_skip_held THEN 1000 ELSE v_limit END, v_now) AS r;
        v_candidates := v_candidates || v_ready.key_ids;
        v_candidate_orgs := v_candidate_orgs || v_ready.org_ids;
        v_nths := v_nths || ARRAY(SELECT generate_series(1, cardinality(v_ready.key_ids)));
    END LOOP;
    IF coalesce(cardinality(v_candidates), 0) = 0 THEN
        RETURN;
    END IF;
    IF p_skip_held THEN
        -- Of more keys than are needed those whose orgs nobody holds.
        v_orgs := ARRAY(
            SELECT o.id FROM meshmill.orgs AS o WHERE o.id = ANY (v_candidate_orgs) ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED);
        SELECT array_agg(u.id), array_agg(u.org_id), array_agg(u.nth) INTO v_candidates, v_candidate_orgs, v_nths
        FROM unnest(v_candidates, v_candidate_orgs, v_nths) AS u (id, org_id, nth)
        WHERE u.org_id = ANY (v_orgs);
        IF v_candidates IS NULL THEN
            RETURN;
        END IF;
    END IF;
    IF p_probe OR cardinality(v_candidates) > v_limit THEN
        SELECT array_agg(c.id ORDER BY c.free DESC, c.nth, c.ord), array_agg(c.org_id)
        INTO v_candidates, v_candidate_orgs
        FROM (
            SELECT u.id, u.org_id, u.nth, u.ord, f.free
            FROM unnest(v_candidates, v_candidate_orgs, v_nths) WITH ORDINALITY AS u (id, org_id, nth, ord)
            CROSS JOIN LATERAL (
                -- A probe of the provider goes where a slot is missed least.
                SELECT CASE WHEN p_probe THEN (
                    SELECT count(*) FROM meshmill.slots AS s WHERE s.key_id = u.id AND s.free_at <= v_now) END AS free
            ) AS f
            ORDER BY f.free DESC, u.nth, u.ord LIMIT v_limit
        ) AS c;
    END IF;

    PERFORM 1 FROM meshmill.orgs AS o WHERE o.id = ANY (v_candidate_orgs) ORDER BY o.id FOR NO KEY UPDATE;
    v_found := ARRAY(
        SELECT k.id FROM meshmill.keys AS k
        WHERE k.id = ANY (v_candidates) ORDER BY k.id FOR NO KEY UPDATE SKIP LOCKED);
    -- Whoever freed these keys held them until the breaker was written: only now its word on their answers is heard.
    IF NOT p_probe AND meshmill.breaker_allows() IS DISTINCT FROM v_allowed THEN
        RETURN;
    END IF;
    v_model := meshmill.window_model();

    -- Once more under the locks, since another claim may have been quicker; and no more keys of an org than it has
    -- credits for: a parked org is probed with one. Of a key's slots the one that is free longest is taken.
    SELECT array_agg(c.id), array_agg(c.org_id), array_agg(c.pool_id), array_agg(c.ordinals[1]),
           array_agg(c.free_ats[2 + c.reserve_slots]), array_agg(c.name), array_agg(c.rate_window), array_agg(c.margin),
           array_agg(c.month), array_agg(c.charged), array_agg(c.is_probe)
    INTO v_keys, v_orgs, v_pools, v_slots, v_next_free, v_names, v_windows, v_margins, v_months, v_charged, v_probes
    FROM (
        SELECT k.id, k.org_id, k.pool_id, k.reserve_slots, k.name, k.rate_window, k.margin, k.month, f.ordinals, f.free_ats,
               o.charged, p_probe OR k.state <> 'active' OR o.parked_until IS NOT NULL AS is_probe,
               array_position(v_candidates, k.id) AS ord,
               row_number() OVER (PARTITION BY k.org_id ORDER BY array_position(v_candidates, k.id)) AS nth,
               CASE
                   WHEN o.parked_until > v_now THEN 0
                   WHEN o.parked_until IS NOT NULL THEN CASE WHEN o.reserved = 0 THEN 1 ELSE 0 END
                   ELSE coalesce(o.credits_remaining - o.reserved, v_limit)
               END AS room
        FROM meshmill.keys AS k
        JOIN meshmill.orgs AS o ON o.id = k.org_id
        CROSS JOIN LATERAL (
            SELECT array_agg(n.ordinal) AS ordinals, array_agg(n.free_at) AS free_ats
            FROM (
                SELECT s.ordinal, s.free_at FROM meshmill.slots AS s
                WHERE s.key_id = k.id ORDER BY s.free_at, s.ordinal LIMIT 2 + k.reserve_slots
            ) AS n
        ) AS f
        WHERE k.id = ANY (v_found)
          AND k.ready_at <= v_now
          AND f.free_ats[1] <= v_now
          AND (k.state = 'active' AND meshmill.has_quota(k)
               OR k.state IN ('parked', 'disabled') AND k.probe_at <= v_now AND NOT meshmill.is_at_own_cap(k, v_now))
          -- One probe a key: an anti-join is planned for the empty table that attempts once was.
          AND (SELECT true FROM meshmill.attempts AS a WHERE a.key_id = k.id AND a.state = 'submitting' LIMIT 1) IS NULL
        ORDER BY ord
    ) AS c
    WHERE c.nth <= c.room;
    v_grants := coalesce(cardinality(v_keys), 0);
    IF v_grants = 0 THEN
        RETURN;
    END IF;

    -- 3. Whose turn: least start tag first, slot by slot. A tenant that had nothing to do until now starts at the
    -- least tag of those that did, or, when all were idle, where the last of them stopped: nobody banks credit.
    IF p_skip_held THEN
        v_locked := ARRAY(
            SELECT t.id FROM meshmill.tenants AS t
            WHERE t.id = ANY (v_tenants) OR t.backlogged AND p_batch IS NULL AND (p_pool IS NULL OR t.pool_id = p_pool)
            ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED);
        IF NOT v_locked && v_tenants THEN
            RETURN;
        END IF;
    ELSE
        v_locked := ARRAY(
            SELECT t.id FROM meshmill.tenants AS t
            WHERE t.id = ANY (v_tenants) OR t.backlogged AND p_batch IS NULL AND (p_pool IS NULL OR t.pool_id = p_pool)
            ORDER BY t.id FOR NO KEY UPDATE);
    END IF;
    PERFORM meshmill.fold_tenants(v_locked);
    FOR v_tenant IN
        SELECT t.id, t.weight, t.pool_id, t.virtual_time, t.backlogged, t.due_share, t.id = ANY (v_tenants) AS has_work,
               t.monthly_budget - t.monthly_used - t.reserved AS budget_left
        FROM meshmill.tenants AS t WHERE t.id = ANY (v_locked) ORDER BY t.id
    LOOP
        IF NOT v_tenant.has_work THEN
            v_idle := v_idle || v_tenant.id;
            CONTINUE;
        END IF;
        v_ids := v_ids || v_tenant.id;
        v_tags := v_tags || v_tenant.virtual_time;
        v_joins := v_joins || NOT v_tenant.backlogged;
        v_weights := v_weights || v_tenant.weight;
        v_left := v_left || least(coalesce(v_tenant.budget_left, v_grants), v_grants)::integer;
        v_tenant_pools := v_tenant_pools || v_tenant.pool_id;
        v_granted := v_granted || 0;
        v_due_shares := v_due_shares || v_tenant.due_share;
    END LOOP;
    FOR i IN 1 .. cardinality(v_ids) LOOP
        IF v_joins[i] THEN
            -- Among those of its pool: service in another is measured in other slots, and runs ahead or behind.
            v_floor := coalesce(
                (SELECT min(u.tag) FROM unnest(v_tags, v_joins, v_tenant_pools) AS u (tag, joins, pool_id)
                 WHERE NOT u.joins AND u.pool_id = v_tenant_pools[i]),
                (SELECT max(t.virtual_time) FROM meshmill.tenants AS t WHERE t.pool_id = v_tenant_pools[i]));
            v_tags[i] := greatest(v_tags[i], v_floor);
        END IF;
        CONTINUE WHEN cardinality(v_ids) = 1;
        -- How much it has to do, as far as it matters here, so that no slot is granted to an empty queue.
        v_left[i] := (SELECT least(v_left[i], count(*)) FROM (
            SELECT 1
            FROM meshmill.batches AS b
            CROSS JOIN LATERAL (
                SELECT 1
                FROM meshmill.queued_jobs(b.id, v_grants, p_cursor_batches, p_cursor_priorities, p_cursor_jobs)
                LIMIT meshmill.batch_room(b, v_grants, v_now)
            ) AS j
            WHERE b.tenant_id = v_ids[i] AND b.state = 'open' AND (p_batch IS NULL OR b.id = p_batch)
            LIMIT v_grants
        ) AS c);
    END LOOP;
    -- One tenant takes them as they come; but it may have been given another pool since the keys were chosen.
    v_is_alone := cardinality(v_ids) = 1 AND v_tenant_pools[1] = ALL (v_pools);
    IF v_is_alone THEN
        v_granted[1] := greatest(v_left[1], 0);
        v_tags[1] := v_tags[1] + v_granted[1] / v_weights[1];
    ELSE
        FOR g IN 1 .. v_grants LOOP
            v_best := NULL;
            FOR i IN 1 .. cardinality(v_ids) LOOP
                IF v_left[i] > v_granted[i] AND v_tenant_pools[i] = v_pools[g]
                    AND (v_best IS NULL OR v_tags[i] < v_tags[v_best]) THEN
                    v_best := i;
                END IF;
            END LOOP;
            CONTINUE WHEN v_best IS NULL;
            v_granted[v_best] := v_granted[v_best] + 1;
            v_tags[v_best] := v_tags[v_best] + 1 / v_weights[v_best];
        END LOOP;
    END IF;

    -- 4. Which jobs: a fifth of the slots to those that were queued once more, all of them if nothing fresh waits; the
    -- others by priority, then age, out of the tenant's open batches, within each batch's cap.
    FOR i IN 1 .. cardinality(v_ids) LOOP
        CONTINUE WHEN v_granted[i] = 0;
        v_due_shares[i] := least(v_due_shares[i], 1) + 0.2 * v_granted[i];
        v_due := CASE WHEN v_has_due THEN least(floor(v_due_shares[i])::integer, v_granted[i]) ELSE 0 END;
        SELECT coalesce(array_agg(w.id ORDER BY w.ord) FILTER (WHERE w.job_id IS NOT NULL), '{}'),
               array_agg(w.priority ORDER BY w.ord) FILTER (WHERE w.job_id IS NOT NULL),
               array_agg(w.job_id ORDER BY w.ord) FILTER (WHERE w.job_id IS NOT NULL),
               coalesce(array_agg(w.id ORDER BY w.due_priority DESC, w.due_job_id) FILTER (WHERE w.due_job_id IS NOT NULL), '{}')
        INTO v_fresh_batches, v_fresh_priorities, v_fresh_jobs, v_due_batches
        FROM unnest(v_work_tenants, v_work_batches, v_work_priorities, v_work_jobs, v_work_due_priorities, v_work_due_jobs)
            WITH ORDINALITY AS w (tenant_id, id, priority, job_id, due_priority, due_job_id, ord)
        WHERE w.tenant_id = v_ids[i];
        -- Only the batches that these jobs come from are locked, so that a claim costs the same however many are open.
        v_turn := meshmill.batches_in_turn(v_fresh_batches, v_fresh_priorities, v_fresh_jobs, v_granted[i], v_now,
            p_cursor_batches, p_cursor_priorities, p_cursor_jobs);
        v_due_batches := v_due_batches[:CASE WHEN v_turn < cardinality(v_fresh_batches) THEN v_due ELSE v_granted[i] END];
        IF p_skip_held THEN
            -- With those that come next, in place of what is held.
            v_batches := ARRAY(
                SELECT b.id
                FROM meshmill.batches AS b
                WHERE b.id = ANY (v_fresh_batches[:v_turn + 100] || v_due_batches) AND b.tenant_id = v_ids[i] AND b.state = 'open'
                ORDER BY b.id FOR NO KEY UPDATE SKIP LOCKED);
        ELSE
            v_batches := ARRAY(
                SELECT b.id
                FROM meshmill.batches AS b
                WHERE b.id = ANY (v_fresh_batches[:v_turn] || v_due_batches) AND b.tenant_id = v_ids[i] AND b.state = 'open'
                ORDER BY b.id FOR NO KEY UPDATE);
        END IF;
        PERFORM meshmill.fold_batches(v_batches);
        v_due_found := meshmill.lock_due_jobs(v_batches, v_due, '{}', v_now);
        v_fresh_found := meshmill.lock_fresh_jobs(v_batches, v_granted[i] - cardinality(v_due_found), v_due_found,
            v_now, p_cursor_batches, p_cursor_priorities, p_cursor_jobs);
        v_found := v_due_found || v_fresh_found;
        v_due_shares[i] := v_due_shares[i] - cardinality(v_due_found);
        IF v_has_due AND cardinality(v_found) < v_granted[i] AND cardinality(v_due_found) = v_due THEN
            -- Nothing fresh is left, so that the share binds nobody.
            v_found := meshmill.lock_due_jobs(v_batches, v_granted[i] - cardinality(v_fresh_found), v_fresh_found, v_now)
                || v_fresh_found;
        END IF;
        -- Slots that found no job are not service received.
        v_tags[i] := v_tags[i] - (v_granted[i] - cardinality(v_found)) / v_weights[i];
        v_granted[i] := cardinality(v_found);
        v_job_ids := v_job_ids || v_found;
        v_job_pools := v_job_pools || array_fill(v_tenant_pools[i], ARRAY[cardinality(v_found)]);
    END LOOP;

    -- 5. The intent, in one statement. The nth job of a pool's tenants goes to the pool's nth key; each table is reached
    -- from there by its primary key.
    IF NOT v_is_alone THEN
        v_job_ids := ARRAY(
            SELECT j.job_id
            FROM (
                SELECT u.ord, u.pool_id, row_number() OVER (PARTITION BY u.pool_id ORDER BY u.ord) AS nth
                FROM unnest(v_pools) WITH ORDINALITY AS u (pool_id, ord)
            ) AS k
            LEFT JOIN (
                SELECT u.job_id, u.pool_id, row_number() OVER (PARTITION BY u.pool_id ORDER BY u.ord) AS nth
                FROM unnest(v_job_ids, v_job_pools) WITH ORDINALITY AS u (job_id, pool_id, ord)
            ) AS j USING (pool_id, nth)
            ORDER BY k.ord);
    END IF;
    RETURN QUERY
    WITH pairs AS (
        SELECT u.*
        FROM unnest(v_job_ids, v_keys, v_orgs, v_slots, v_next_free, v_names, v_windows, v_margins, v_months, v_charged,
                v_probes) AS u (job_id, key_id, org_id, slot, next_free, key_name, rate_window, margin, month, charged,
                is_probe)
        WHERE u.job_id IS NOT NULL
        ORDER BY u.key_id
    ), jobs AS (
        UPDATE meshmill.jobs AS j
        SET state = 'submitting', attempt_id = nextval('meshmill.attempts_id_seq'), worker_id = p_worker,
            lease_epoch = j.lease_epoch + 1, attempts = j.attempts + 1, run_at = NULL
        FROM pairs AS u
        WHERE j.id = u.job_id
        RETURNING u.*, j.attempt_id, j.batch_id, j.tenant_id, j.lease_epoch, j.input_sha256, j.input_format, j.mode,
            j.seed, j.decimation_target, j.texture_size, j.prompt, j.failures, j.provider_failures, j.unknowns, j.priority, j.due
    ), slots AS (
        UPDATE meshmill.slots AS s
        SET free_at = v_counted_by + u.rate_window + u.margin, attempt_id = u.attempt_id
        FROM jobs AS u
        WHERE s.key_id = u.key_id AND s.ordinal = u.slot
    ), keys AS (
        UPDATE meshmill.keys AS k
        SET reserved = k.reserved + 1, posts = k.posts + 1, last_post_at = v_now,
            -- Nobody need be alive to end this: by then the POST is answered or cannot be counted any more.
            next_send_at = v_counted_by
                + meshmill.pace(v_model, k.rate_limit, k.reserve_slots, k.rate_window, k.margin),
            ready_at = greatest(v_counted_by, k.blocked_until, v_counted_by
                + meshmill.pace(v_model, k.rate_limit, k.reserve_slots, k.rate_window, k.margin),
                coalesce(u.next_free, v_counted_by + k.rate_window + k.margin)),
            -- A probe's failure moves this on; until then nobody else probes.
            probe_at = CASE WHEN k.state = 'active' THEN NULL ELSE v_counted_by END
        FROM pairs AS u
        WHERE k.id = u.key_id
    ), orgs AS (
        UPDATE meshmill.orgs AS o SET reserved = o.reserved + u.n
        FROM (SELECT w.org_id, count(*) AS n FROM pairs AS w GROUP BY w.org_id) AS u
        WHERE o.id = u.org_id
    ), batches AS (
        UPDATE meshmill.batches AS b
        -- Who paused itself is tried with one job; its answer moves this on.
        SET reserved = b.reserved + u.n, probe_at = CASE WHEN b.probe_at IS NOT NULL THEN v_counted_by END
        FROM (SELECT w.batch_id, count(*) AS n FROM jobs AS w GROUP BY w.batch_id) AS u
        WHERE b.id = u.batch_id
    ), attempts AS (
        INSERT INTO meshmill.attempts (id, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id, lease_epoch,
            probe, claimed_at, counted_by, org_charged)
        SELECT u.attempt_id, u.job_id, u.batch_id, u.tenant_id, u.key_id, u.org_id, u.slot, p_worker, u.lease_epoch,
            u.is_probe, v_now, v_counted_by, u.charged
        FROM jobs AS u
    ), ledger AS (
        INSERT INTO meshmill.ledger
            (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period, key_month, at)
        SELECT 'reserve', u.attempt_id, 1, u.key_id, u.org_id, u.tenant_id, u.batch_id, t.period, u.month, v_now
        FROM jobs AS u
        JOIN meshmill.tenants AS t ON t.id = u.tenant_id
    )
    SELECT u.attempt_id, u.job_id, u.batch_id, u.lease_epoch, u.key_id, u.key_name, u.rate_window, u.margin,
           u.input_sha256, u.input_format, u.mode, u.seed, u.decimation_target, u.texture_size, u.prompt,
           u.failures, u.provider_failures, u.unknowns, b.max_attempts, b.on_ambiguous, u.is_probe, u.priority, u.due
    FROM jobs AS u
    JOIN meshmill.batches AS b ON b.id = u.batch_id;

    UPDATE meshmill.tenants AS t
    SET virtual_time = u.tag, backlogged = true, reserved = t.reserved + u.granted, due_share = u.due_share
    FROM unnest(v_ids, v_tags, v_granted, v_due_shares) AS u (id, tag, granted, due_share)
    WHERE t.id = u.id;
    IF v_idle <> '{}' THEN
        UPDATE meshmill.tenants AS t SET backlogged = false WHERE t.id = ANY (v_idle);
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.claim(uuid, integer, bigint, bigint, interval, interval, boolean, bigint[], smallint[], bigint[], boolean) IS 'Takes up to p_limit pairs of a free slot and a runnable job for a worker with a live lease, at most one slot a key, and writes attempt, slot, reserves and ledger in one transaction. p_pool and p_batch narrow it; p_probe sends one job past an open breaker. The cursors name, for some batches, the last fresh job that the caller was given: reading goes on behind it, so that what a claim costs does not grow with what was claimed before. Without them it starts at the first. p_skip_held: orgs, tenants and batches whose rows somebody else holds are left out, not waited for.';

-- When a claim may find more than it did just now, by cause. NULL: nothing of the kind is known to come by itself.
CREATE FUNCTION meshmill.next_wake(p_pool bigint, p_batch bigint, p_since interval)
    RETURNS TABLE (slot_in interval, scheduled_in interval, probe_in interval)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
    SET jit = off
AS $$
BEGIN
    -- Planned once a session, as the body of an SQL function is not.
    RETURN QUERY SELECT
        least((
            -- The first of each thirty-second of use, along keys_ready; the last one has no quota.
            SELECT min(a.ready_at)
            FROM meshmill.pools AS p
            CROSS JOIN generate_series(0, 31) AS r (rank)
            CROSS JOIN LATERAL (
                SELECT k.ready_at
                FROM meshmill.keys AS k
                JOIN meshmill.orgs AS o ON o.id = k.org_id
                WHERE k.pool_id = p.id AND k.state = 'active' AND k.use_rank = r.rank AND k.ready_at > c.seen
                  AND meshmill.has_quota(k) AND NOT o.paused AND coalesce(o.parked_until <= k.ready_at, true)
                ORDER BY k.ready_at LIMIT 1
            ) AS a
            WHERE p_pool IS NULL OR p.id = p_pool
        ), (
            SELECT min(o.parked_until) FROM meshmill.orgs AS o WHERE o.parked_until > c.seen AND NOT o.paused
        ), (
            SELECT min(greatest(k.ready_at, k.probe_at))
            FROM meshmill.keys AS k
            JOIN meshmill.orgs AS o ON o.id = k.org_id
            WHERE k.state IN ('parked', 'disabled') AND NOT o.paused AND greatest(k.ready_at, k.probe_at) > c.seen
              AND (p_pool IS NULL OR k.pool_id = p_pool)
        )) - c.now,
        (SELECT j.run_at FROM meshmill.jobs AS j WHERE j.state = 'scheduled' ORDER BY j.run_at, j.id LIMIT 1) - c.now,
        (SELECT b.probe_at FROM meshmill.breaker AS b WHERE b.is_open) - c.now
    FROM (SELECT meshmill.clock() AS now, meshmill.clock() - p_since AS seen OFFSET 0) AS c;
END $$;
COMMENT ON FUNCTION meshmill.next_wake(bigint, bigint, interval) IS 'How long until a slot, a scheduled job and the breaker''s probe come due; not positive: due now. p_since: how long ago the claim that found too little was made; a slot that came free since is due now, those before it saw.';
