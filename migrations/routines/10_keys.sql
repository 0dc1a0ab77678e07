-- Keys: when each may send next, and their changes by an admin. Slots are rebuilt in the transaction that changes
-- limits, so that no live change lets a POST out too early.

-- How far apart a key's POSTs are, from the answer of one to the sending of the next. NULL: as close as slots allow.
-- Reserved slots make the pace slower, since they count against the same limit.
CREATE FUNCTION meshmill.pace(
    p_model meshmill.window_model, p_limit integer, p_reserve integer, p_window interval, p_margin interval
) RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN CASE p_model
        WHEN 'paced' THEN p_window / greatest(p_limit - p_reserve, 1) + p_margin
        WHEN 'strict' THEN CASE
            WHEN p_limit - p_reserve <= 1 THEN 2 * p_window
            ELSE p_window / (p_limit - p_reserve - 1)
        END + p_margin
    END;
COMMENT ON FUNCTION meshmill.pace(meshmill.window_model, integer, integer, interval, interval) IS 'Least time from an answer to the next POST of the same key in a window model: NULL for slots, window / limit for paced, window / (limit - 1) for strict, each with the margin.';

-- How long the provider may remember what somebody else sent: one window, and where it weighs the window before, until
-- a full one of those lets one through.
CREATE FUNCTION meshmill.forgotten_after(k meshmill.keys, p_model meshmill.window_model) RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN k.rate_window + k.margin
        + CASE p_model WHEN 'strict' THEN k.rate_window / greatest(k.rate_limit - k.reserve_slots, 1) ELSE interval '0' END;
COMMENT ON FUNCTION meshmill.forgotten_after(meshmill.keys, meshmill.window_model) IS 'How long a key waits after use that our log does not know.';

-- In PL/pgSQL, as others that are asked once a claim or settle: an SQL function with a subquery is planned at each call.
CREATE FUNCTION meshmill.window_model() RETURNS meshmill.window_model
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT coalesce(p.pinned, p.learned) FROM meshmill.window_profile AS p);
END $$;
COMMENT ON FUNCTION meshmill.window_model() IS 'The window model in force: the pinned one, else what was learned.';

-- Latest instant at which the provider may have counted a POST.
CREATE FUNCTION meshmill.latest_count(a meshmill.attempts) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN a.answered_at IS NOT NULL THEN a.answered_at
        WHEN a.state = 'unsent' THEN least(a.ended_at, a.counted_by)
        ELSE a.counted_by
    END;
COMMENT ON FUNCTION meshmill.latest_count(meshmill.attempts) IS 'Latest instant at which the provider may have counted a POST: its answer, else its deadline and grace.';

-- What was told before the server's clock jumped is that much longer ago by it than it was: note_clock_step has moved the
-- POSTs that are still in flight.
CREATE FUNCTION meshmill.latest_count(a meshmill.attempts, p meshmill.window_profile) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE
    RETURN meshmill.latest_count(a)
        + CASE WHEN a.state <> 'submitting' AND coalesce(a.answered_at, a.claimed_at) <= p.clock_stepped_at
            THEN p.clock_step ELSE interval '0' END;
COMMENT ON FUNCTION meshmill.latest_count(meshmill.attempts, meshmill.window_profile) IS 'Latest instant at which the provider may have counted a POST, by the server''s clock as it is after its last jump.';

-- The least instant at which a key may send, from its slots, its pace and its holds. Reserved slots stay free for
-- people, so the slot that counts is the (reserve_slots + 1)th to become free.
CREATE FUNCTION meshmill.key_ready_at(p_key bigint) RETURNS timestamptz
    LANGUAGE sql STABLE
    RETURN (
        SELECT greatest(
            coalesce(k.blocked_until, '-infinity'),
            k.next_send_at,
            (SELECT s.free_at FROM meshmill.slots AS s WHERE s.key_id = k.id
             ORDER BY s.free_at, s.ordinal OFFSET k.reserve_slots LIMIT 1))
        FROM meshmill.keys AS k WHERE k.id = p_key);
COMMENT ON FUNCTION meshmill.key_ready_at(bigint) IS 'When a key may send next, by its slots, pace and holds alone.';

-- True if a key may be charged one more credit this month: the lesser of our limit and the provider's, against the
-- greater of our count and the provider's.
CREATE FUNCTION meshmill.has_quota(k meshmill.keys) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) + k.reserved
        < coalesce(least(k.monthly_limit, k.provider_monthly_limit), 9223372036854775807);
COMMENT ON FUNCTION meshmill.has_quota(meshmill.keys) IS 'Whether the key may be charged one more credit this month.';

-- The share of its month that a key has left, 0 to 1; 1 without a limit.
CREATE FUNCTION meshmill.share_left(k meshmill.keys) RETURNS double precision
    LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN least(k.monthly_limit, k.provider_monthly_limit) IS NULL THEN 1
        WHEN least(k.monthly_limit, k.provider_monthly_limit) = 0 THEN 0
        ELSE 1 - (greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) + k.reserved)::double precision
            / least(k.monthly_limit, k.provider_monthly_limit)
    END;
COMMENT ON FUNCTION meshmill.share_left(meshmill.keys) IS 'Share of its month that a key has left, 0 to 1; 1 without a limit.';

CREATE FUNCTION meshmill.key_facts(k meshmill.keys) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object(
        'name', k.name, 'state', k.state,
        'org', (SELECT o.name FROM meshmill.orgs AS o WHERE o.id = k.org_id),
        'pool', (SELECT p.name FROM meshmill.pools AS p WHERE p.id = k.pool_id),
        'rate_limit', k.rate_limit,
        'rate_window_seconds', extract(epoch FROM k.rate_window),
        'margin_seconds', extract(epoch FROM k.margin),
        'reserve_slots', k.reserve_slots,
        'monthly_limit', k.monthly_limit,
        'blocked_until', k.blocked_until,
        'paused_until', k.paused_until);
COMMENT ON FUNCTION meshmill.key_facts(meshmill.keys) IS 'What the audit log keeps of a key.';

CREATE FUNCTION meshmill.refresh_ready_at(p_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE meshmill.keys AS k
    SET ready_at = greatest(
        meshmill.key_ready_at(k.id),
        (SELECT a.counted_by FROM meshmill.attempts AS a WHERE a.key_id = k.id AND a.state = 'submitting'),
        -- A POST whose job was cancelled is on its way all the same.
        (SELECT max(a.counted_by) FROM meshmill.attempts AS a
         WHERE a.org_id = k.org_id AND a.key_id = k.id AND a.state IN ('unknown', 'refused') AND a.reserved
           AND a.answered_at IS NULL AND a.error_code = 'cancelled'))
    WHERE k.id = ANY (p_keys);
END $$;
COMMENT ON FUNCTION meshmill.refresh_ready_at(bigint[]) IS 'Brings ready_at up to date after a change of slots or holds. The caller holds the keys'' locks.';

CREATE FUNCTION meshmill.rebuild_slots(p_keys bigint[], p_rest double precision DEFAULT 0) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_model meshmill.window_model;
BEGIN
    PERFORM 1 FROM meshmill.keys AS k WHERE k.id = ANY (p_keys) ORDER BY k.id FOR NO KEY UPDATE;
    v_model := meshmill.window_model();
    DELETE FROM meshmill.slots AS s USING meshmill.keys AS k
    WHERE k.id = ANY (p_keys) AND s.key_id = k.id AND s.ordinal >= k.rate_limit;
    WITH counted AS MATERIALIZED (
        -- The newest POSTs that were or may have been counted hold a slot each, until a window and a margin after the
        -- latest instant at which the provider can have counted them.
        SELECT k.id AS key_id, c.id, c.at, c.at + k.rate_window + k.margin AS free_at,
               row_number() OVER (PARTITION BY k.id ORDER BY c.at DESC, c.id DESC) - 1 AS ordinal
        FROM meshmill.keys AS k
        CROSS JOIN meshmill.window_profile AS p
        CROSS JOIN LATERAL (
            SELECT a.id, meshmill.latest_count(a, p) AS at
            FROM meshmill.attempts AS a
            WHERE a.key_id = k.id AND NOT a.uncounted
            ORDER BY a.id DESC
            -- A late answer, or one from before a step back of the clock, may stand before newer ones and those never sent.
            LIMIT 2 * k.rate_limit + 10
        ) AS c
        WHERE k.id = ANY (p_keys)
    ), rebuilt AS (
        INSERT INTO meshmill.slots AS s (key_id, ordinal, free_at, attempt_id)
        SELECT k.id, g.ordinal, coalesce(c.free_at, v_now), c.id
        FROM meshmill.keys AS k
        CROSS JOIN LATERAL generate_series(0, k.rate_limit - 1) AS g (ordinal)
        LEFT JOIN counted AS c ON c.key_id = k.id AND c.ordinal = g.ordinal
        WHERE k.id = ANY (p_keys)
        ON CONFLICT (key_id, ordinal) DO UPDATE SET free_at = excluded.free_at, attempt_id = excluded.attempt_id
        WHERE (s.free_at, s.attempt_id) IS DISTINCT FROM (excluded.free_at, excluded.attempt_id)
    ), moved AS (
        UPDATE meshmill.attempts AS a SET slot = c.ordinal
        FROM counted AS c
        JOIN meshmill.keys AS k ON k.id = c.key_id
        WHERE a.id = c.id AND c.ordinal < k.rate_limit AND a.slot <> c.ordinal AND a.state IN ('submitting', 'unknown')
    )
    UPDATE meshmill.keys AS k
    SET next_send_at = c.at + meshmill.pace(v_model, k.rate_limit, k.reserve_slots, k.rate_window, k.margin),
        -- What was sent faster than the present rule allows must first weigh little enough at the provider.
        blocked_until = CASE
            WHEN p_rest > 0 AND v_model <> 'slots' AND r.until > v_now THEN greatest(k.blocked_until, r.until)
            ELSE k.blocked_until
        END,
        state_reason = CASE
            WHEN p_rest > 0 AND v_model <> 'slots' AND r.until > v_now
                THEN 'rests until the provider has forgotten what was sent at a faster pace'
            ELSE k.state_reason
        END
    FROM meshmill.keys AS l
    LEFT JOIN counted AS c ON c.key_id = l.id AND c.ordinal = 0
    CROSS JOIN LATERAL (
        SELECT c.at + p_rest * l.rate_window
            + meshmill.pace('paced', l.rate_limit, l.reserve_slots, l.rate_window, l.margin) AS until
    ) AS r
    WHERE l.id = ANY (p_keys) AND k.id = l.id;
    PERFORM meshmill.refresh_ready_at(p_keys);
END $$;
COMMENT ON FUNCTION meshmill.rebuild_slots(bigint[], double precision) IS 'Makes slots and pace of keys anew after a change of limit, window, margin or model, from their last attempts that may have been counted. p_rest: windows for which a paced key rests first, where they were sent faster than the present rule allows.';

CREATE FUNCTION meshmill.store_keys(p_keys jsonb, p_reason text)
    RETURNS TABLE (key_id bigint, name text, is_new boolean)
    LANGUAGE plpgsql
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
    v_ids bigint[] := ARRAY(SELECT (e ->> 'id')::bigint FROM jsonb_array_elements(p_keys) AS e);
    v_known bigint[] := ARRAY(SELECT k.id FROM meshmill.keys AS k WHERE k.id = ANY (v_ids) ORDER BY k.id FOR NO KEY UPDATE);
    v_before jsonb := (SELECT jsonb_object_agg(k.id, meshmill.key_facts(k)) FROM meshmill.keys AS k WHERE k.id = ANY (v_known));
    v_rebuilt bigint[];
    v_slower bigint[];
BEGIN
    -- A key without an org is its own.
    INSERT INTO meshmill.orgs (name)
    SELECT DISTINCT coalesce(r.org, r.name)
    FROM jsonb_to_recordset(p_keys) AS r (id bigint, name text, org text)
    WHERE r.org IS NOT NULL OR NOT r.id = ANY (v_known)
    ORDER BY 1
    ON CONFLICT DO NOTHING;

    UPDATE meshmill.keys AS k
    SET name = coalesce(r.name, k.name),
        org_id = coalesce((SELECT o.id FROM meshmill.orgs AS o WHERE o.name = r.org), k.org_id),
        pool_id = coalesce((SELECT p.id FROM meshmill.pools AS p WHERE p.name = r.pool), k.pool_id),
        rate_limit = coalesce(r.rate_limit, k.rate_limit),
        rate_window = coalesce(r.rate_window, k.rate_window),
        margin = coalesce(r.margin, k.margin),
        reserve_slots = coalesce(r.reserve_slots, k.reserve_slots),
        monthly_limit = coalesce(r.monthly_limit, k.monthly_limit),
        state = CASE WHEN k.state = 'removed' THEN 'active' ELSE k.state END,
        -- What others did with it meanwhile is not in our log.
        known_since = CASE WHEN k.state = 'removed' THEN v_now ELSE k.known_since END,
        removed_at = NULL
    FROM jsonb_to_recordset(p_keys) AS r (id bigint, name text, org text, pool text, rate_limit integer,
        rate_window interval, margin interval, reserve_slots integer, monthly_limit bigint)
    WHERE k.id = r.id AND k.id = ANY (v_known);

    INSERT INTO meshmill.keys (id, name, org_id, pool_id, rate_limit, rate_window, margin, reserve_slots, monthly_limit)
    SELECT r.id, r.name, o.id, p.id, r.rate_limit, r.rate_window, r.margin, coalesce(r.reserve_slots, 0), r.monthly_limit
    FROM jsonb_to_recordset(p_keys) AS r (id bigint, name text, org text, pool text, rate_limit integer,
        rate_window interval, margin interval, reserve_slots integer, monthly_limit bigint)
    JOIN meshmill.orgs AS o ON o.name = coalesce(r.org, r.name)
    JOIN meshmill.pools AS p ON p.name = coalesce(r.pool, 'default')
    WHERE NOT r.id = ANY (v_known)
    ORDER BY r.id;

    -- What others did with it is not known to the log: it waits until the provider has forgotten.
    UPDATE meshmill.keys AS k
    SET blocked_until = greatest(k.blocked_until, v_now + meshmill.forgotten_after(k, meshmill.window_model())),
        known_since = v_now,
        state_reason = 'was used recently by others: waits one window'
    FROM jsonb_to_recordset(p_keys) AS r (id bigint, used_recently boolean)
    WHERE k.id = r.id AND r.used_recently;

    INSERT INTO meshmill.key_secrets AS s (key_id, fingerprint, master_key_id, sealed)
    SELECT r.id, r.fingerprint, r.master_key_id, decode(r.sealed, 'hex')
    FROM jsonb_to_recordset(p_keys) AS r (id bigint, fingerprint text, master_key_id text, sealed text)
    ORDER BY r.id
    ON CONFLICT (key_id) DO UPDATE SET master_key_id = excluded.master_key_id, sealed = excluded.sealed;

    -- Only where limits changed: a key that is imported again as it was is not touched.
    v_rebuilt := ARRAY(
        SELECT k.id FROM meshmill.keys AS k
        WHERE k.id = ANY (v_ids)
          AND (NOT k.id = ANY (v_known)
               OR jsonb_build_array(k.rate_limit, extract(epoch FROM k.rate_window), extract(epoch FROM k.margin), k.reserve_slots)
                  IS DISTINCT FROM (SELECT jsonb_build_array(b -> 'rate_limit', b -> 'rate_window_seconds', b -> 'margin_seconds',
                      b -> 'reserve_slots') FROM (SELECT v_before -> k.id::text AS b) AS b)));
    v_slower := ARRAY(
        SELECT k.id FROM meshmill.keys AS k
        WHERE k.id = ANY (v_rebuilt) AND k.id = ANY (v_known)
          AND (k.rate_limit < (v_before -> k.id::text ->> 'rate_limit')::integer
               OR extract(epoch FROM k.rate_window) > (v_before -> k.id::text ->> 'rate_window_seconds')::numeric));
    PERFORM meshmill.rebuild_slots(v_rebuilt);
    PERFORM meshmill.rebuild_slots(v_slower, 2);
    PERFORM meshmill.refresh_ready_at(v_ids);

    PERFORM meshmill.audit(CASE WHEN b.facts IS NULL THEN 'add_key' ELSE 'update_key' END, k.name, b.facts,
        meshmill.key_facts(k), p_reason)
    FROM meshmill.keys AS k
    CROSS JOIN LATERAL (SELECT v_before -> k.id::text AS facts) AS b
    WHERE k.id = ANY (v_ids) AND b.facts IS DISTINCT FROM meshmill.key_facts(k);
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN QUERY
    SELECT k.id, k.name, NOT k.id = ANY (v_known) FROM meshmill.keys AS k WHERE k.id = ANY (v_ids) ORDER BY k.id;
END $$;
COMMENT ON FUNCTION meshmill.store_keys(jsonb, text) IS 'Adds keys, or updates those whose ids are known and keeps their history; a removed one comes back. What is left out keeps its value. Secrets come sealed.';

CREATE FUNCTION meshmill.change_key(
    p_key text,
    p_changes jsonb,
    p_what text,
    p_reason text
) RETURNS SETOF meshmill.keys
    LANGUAGE plpgsql
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_old meshmill.keys;
    v_new meshmill.keys;
    v_org bigint;
    v_pool bigint;
BEGIN
    IF p_changes ? 'org' THEN
        INSERT INTO meshmill.orgs (name) VALUES (p_changes ->> 'org') ON CONFLICT DO NOTHING;
        SELECT o.id INTO v_org FROM meshmill.orgs AS o WHERE o.name = p_changes ->> 'org';
    END IF;
    IF p_changes ? 'pool' THEN
        SELECT p.id INTO v_pool FROM meshmill.pools AS p WHERE p.name = p_changes ->> 'pool';
        IF v_pool IS NULL THEN
            RAISE EXCEPTION 'there is no pool %', p_changes ->> 'pool' USING ERRCODE = 'no_data_found';
        END IF;
    END IF;
    SELECT * INTO v_old FROM meshmill.keys AS k
    WHERE k.name = p_key AND k.state <> 'removed' FOR NO KEY UPDATE;
    IF v_old.id IS NULL THEN
        RAISE EXCEPTION 'there is no key %', p_key USING ERRCODE = 'no_data_found', HINT = 'see: SELECT key FROM ops.keys';
    END IF;
    UPDATE meshmill.keys AS k
    SET name = coalesce(p_changes ->> 'name', k.name),
        org_id = coalesce(v_org, k.org_id),
        pool_id = coalesce(v_pool, k.pool_id),
        rate_limit = coalesce((p_changes ->> 'rate_limit')::integer, k.rate_limit),
        rate_window = coalesce((p_changes ->> 'rate_window')::interval, k.rate_window),
        margin = coalesce((p_changes ->> 'margin')::interval, k.margin),
        reserve_slots = coalesce((p_changes ->> 'reserve_slots')::integer, k.reserve_slots),
        monthly_limit = CASE WHEN p_changes ? 'monthly_limit' THEN (p_changes ->> 'monthly_limit')::bigint ELSE k.monthly_limit END,
        state = coalesce((p_changes ->> 'state')::meshmill.key_state, k.state),
        state_reason = CASE WHEN p_changes ? 'state' THEN p_reason ELSE k.state_reason END,
        paused_until = CASE WHEN p_changes ? 'state' THEN (p_changes ->> 'paused_until')::timestamptz ELSE k.paused_until END,
        probe_at = CASE
            WHEN NOT p_changes ? 'state' THEN k.probe_at
            -- Who is parked or disabled by hand, or by an undo, is tried again as who was so by an answer.
            WHEN p_changes ->> 'state' IN ('parked', 'disabled') THEN meshmill.clock()
        END,
        probe_times = CASE WHEN p_changes ? 'state' THEN 0 ELSE k.probe_times END,
        removed_at = CASE WHEN p_changes ->> 'state' = 'removed' THEN meshmill.clock() END
    WHERE k.id = v_old.id
    RETURNING k.* INTO v_new;
    IF v_new.rate_limit < v_old.rate_limit OR v_new.rate_window > v_old.rate_window THEN
        PERFORM meshmill.rebuild_slots(ARRAY[v_new.id], 2);
    ELSIF (v_new.rate_limit, v_new.rate_window, v_new.margin, v_new.reserve_slots)
        IS DISTINCT FROM (v_old.rate_limit, v_old.rate_window, v_old.margin, v_old.reserve_slots) THEN
        PERFORM meshmill.rebuild_slots(ARRAY[v_new.id]);
    ELSE
        PERFORM meshmill.refresh_ready_at(ARRAY[v_new.id]);
    END IF;
    PERFORM meshmill.audit(p_what, v_old.name, meshmill.key_facts(v_old), meshmill.key_facts(v_new), p_reason);
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN QUERY SELECT k.* FROM meshmill.keys AS k WHERE k.id = v_new.id;
END $$;
COMMENT ON FUNCTION meshmill.change_key(text, jsonb, text, text) IS 'Changes the given fields of a key by name (name, org, pool, rate_limit, rate_window, margin, reserve_slots, monthly_limit, state with paused_until), rebuilds its slots where limits changed, and writes the audit log.';

CREATE FUNCTION meshmill.resume_paused_keys() RETURNS integer
    LANGUAGE plpgsql
AS $$
DECLARE
    v_resumed integer := 0;
    v_key text;
BEGIN
    FOR v_key IN
        SELECT k.name FROM meshmill.keys AS k
        WHERE k.state = 'paused' AND k.paused_until <= meshmill.clock()
        ORDER BY k.id FOR NO KEY UPDATE  -- looks again behind a person who pauses it anew at this moment
    LOOP
        PERFORM meshmill.change_key(v_key, '{"state": "active"}', 'resume_key', NULL);
        v_resumed := v_resumed + 1;
    END LOOP;
    RETURN v_resumed;
END $$;
COMMENT ON FUNCTION meshmill.resume_paused_keys() IS 'Resumes keys whose pause is over; for housekeeping. Returns how many.';

-- A 300th of the window, 20 ms to 3 s, and at least 1.1 s for windows of a minute or more: the provider may count in
-- whole seconds there.
CREATE FUNCTION meshmill.standard_margin(p_window interval) RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN least(greatest(p_window / 300, CASE WHEN p_window >= interval '1 minute' THEN interval '1.1 seconds'
        ELSE interval '20 milliseconds' END), interval '3 seconds');
COMMENT ON FUNCTION meshmill.standard_margin(interval) IS 'The margin of a window when no setting names one.';

CREATE FUNCTION meshmill.set_margin(p_margin interval) RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_keys bigint[] := ARRAY(SELECT k.id FROM meshmill.keys AS k WHERE k.state <> 'removed' ORDER BY k.id FOR NO KEY UPDATE);
BEGIN
    UPDATE meshmill.keys AS k SET margin = coalesce(p_margin, meshmill.standard_margin(k.rate_window)) WHERE k.id = ANY (v_keys);
    PERFORM meshmill.rebuild_slots(v_keys);
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN cardinality(v_keys);
END $$;
COMMENT ON FUNCTION meshmill.set_margin(interval) IS 'Gives all keys a margin (NULL: the standard one of each window) and rebuilds their slots; returns how many keys.';
