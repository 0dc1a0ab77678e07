-- Keys: when each may send next, and their changes by an admin. Slots are rebuilt in the transaction that changes
-- limits, so that no live change lets a POST out too early.

-- The least instant at which a key may send, from its slots and holds. Reserved slots stay free for people, so the
-- slot that counts is the (reserve_slots + 1)th to become free.
CREATE FUNCTION meshmill.key_ready_at(p_key bigint) RETURNS timestamptz
    LANGUAGE sql STABLE
    RETURN (
        SELECT greatest(
            coalesce(k.blocked_until, '-infinity'),
            (SELECT s.free_at FROM meshmill.slots AS s WHERE s.key_id = k.id
             ORDER BY s.free_at, s.ordinal OFFSET k.reserve_slots LIMIT 1))
        FROM meshmill.keys AS k WHERE k.id = p_key);
COMMENT ON FUNCTION meshmill.key_ready_at(bigint) IS 'When a key may send next, by its slots and holds alone.';

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
    LANGUAGE sql
BEGIN ATOMIC
    UPDATE meshmill.keys AS k
    SET ready_at = greatest(
        meshmill.key_ready_at(k.id),
        (SELECT a.counted_by FROM meshmill.attempts AS a WHERE a.key_id = k.id AND a.state = 'submitting'))
    WHERE k.id = ANY (p_keys);
END;
COMMENT ON FUNCTION meshmill.refresh_ready_at(bigint[]) IS 'Brings ready_at up to date after a change of slots or holds. The caller holds the keys'' locks.';

CREATE FUNCTION meshmill.rebuild_slots(p_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    k meshmill.keys;
BEGIN
    FOR k IN SELECT * FROM meshmill.keys AS l WHERE l.id = ANY (p_keys) ORDER BY l.id FOR NO KEY UPDATE LOOP
        DELETE FROM meshmill.slots AS s WHERE s.key_id = k.id;
        -- The newest POSTs that were or may have been counted hold a slot each, until a window and a margin after the
        -- latest instant at which the provider can have counted them.
        INSERT INTO meshmill.slots (key_id, ordinal, free_at, attempt_id)
        SELECT k.id, g.ordinal, coalesce(c.free_at, v_now), c.id
        FROM generate_series(0, k.rate_limit - 1) AS g (ordinal)
        LEFT JOIN (
            SELECT n.id, n.free_at, row_number() OVER (ORDER BY n.free_at DESC, n.id DESC) - 1 AS ordinal
            FROM (
                SELECT a.id, coalesce(a.answered_at, a.counted_by) + k.rate_window + k.margin AS free_at
                FROM meshmill.attempts AS a
                WHERE a.key_id = k.id AND a.state <> 'unsent'
                ORDER BY a.id DESC
                LIMIT 2 * k.rate_limit  -- a late answer may stand before newer ones
            ) AS n
        ) AS c USING (ordinal);
        UPDATE meshmill.attempts AS a SET slot = s.ordinal
        FROM meshmill.slots AS s
        WHERE s.key_id = k.id AND a.id = s.attempt_id AND a.slot <> s.ordinal AND a.state IN ('submitting', 'unknown');
    END LOOP;
    PERFORM meshmill.refresh_ready_at(p_keys);
END $$;
COMMENT ON FUNCTION meshmill.rebuild_slots(bigint[]) IS 'Makes the slots of keys anew after a change of limit, window or margin, from their last attempts.';

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
    SET blocked_until = greatest(k.blocked_until, v_now + k.rate_window + k.margin),
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
               OR k.rate_limit <> (v_before -> k.id::text ->> 'rate_limit')::integer
               OR extract(epoch FROM k.rate_window) <> (v_before -> k.id::text ->> 'rate_window_seconds')::numeric));
    PERFORM meshmill.rebuild_slots(v_rebuilt);
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
        RAISE EXCEPTION 'there is no key %', p_key USING ERRCODE = 'no_data_found', HINT = 'see: SELECT name FROM ops.keys';
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
        probe_at = CASE WHEN p_changes ? 'state' THEN NULL ELSE k.probe_at END,
        probe_times = CASE WHEN p_changes ? 'state' THEN 0 ELSE k.probe_times END,
        removed_at = CASE WHEN p_changes ->> 'state' = 'removed' THEN meshmill.clock() END
    WHERE k.id = v_old.id
    RETURNING k.* INTO v_new;
    IF v_new.rate_limit <> v_old.rate_limit OR v_new.rate_window <> v_old.rate_window OR v_new.margin <> v_old.margin THEN
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
    RETURN cardinality(v_keys);
END $$;
COMMENT ON FUNCTION meshmill.set_margin(interval) IS 'Gives all keys a margin (NULL: the standard one of each window) and rebuilds their slots; returns how many keys.';
