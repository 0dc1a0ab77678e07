-- Monthly quotas of keys, moved and shared out: the sum is exact, no key falls below what it has used or reserved, and
-- one transaction holds all of it. A claim reads the limits as they are, so a change acts on the next one.

-- What a key has used of its month, by the greater of our count and the provider's, with what is reserved.
CREATE FUNCTION meshmill.quota_taken(k meshmill.keys) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) + k.reserved;
COMMENT ON FUNCTION meshmill.quota_taken(meshmill.keys) IS 'Credits of its month that a key has used or reserved: no rebalancing goes below it.';

-- Shares p_credits out in proportion to p_weights, exactly: the largest remainders get the last credits, the earlier
-- one of equals. Weights that are all zero count as equal.
CREATE FUNCTION meshmill.share_out(p_credits bigint, p_weights numeric[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    WITH weights AS (
        SELECT u.ord, CASE WHEN (SELECT sum(w) FROM unnest(p_weights) AS w) > 0 THEN u.weight ELSE 1 END AS weight
        FROM unnest(p_weights) WITH ORDINALITY AS u (weight, ord)
    ), shares AS (
        -- Divided as whole numbers, so that the remainders are exact.
        SELECT w.ord, div(p_credits * w.weight, s.sum) AS credits, mod(p_credits * w.weight, s.sum) AS remainder
        FROM weights AS w CROSS JOIN (SELECT sum(weight) AS sum FROM weights) AS s
    ), ranked AS (
        SELECT s.ord, s.credits, row_number() OVER (ORDER BY s.remainder DESC, s.ord) AS nth,
               p_credits - sum(s.credits) OVER () AS over
        FROM shares AS s
    )
    SELECT coalesce(array_agg((r.credits + CASE WHEN r.nth <= r.over THEN 1 ELSE 0 END)::bigint ORDER BY r.ord), '{}')
    FROM ranked AS r;
END;
COMMENT ON FUNCTION meshmill.share_out(bigint, numeric[]) IS 'Divides credits in proportion to weights, to the last one: the largest remainders round up. Weights all zero count as equal.';

-- The same limit for all, but never below a floor: keys that have used more keep what they used, and the others share
-- the rest.
CREATE FUNCTION meshmill.level_out(p_credits bigint, p_floors bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    v_out bigint[] := p_floors;
    v_low integer[] := ARRAY(SELECT i FROM generate_subscripts(p_floors, 1) AS i ORDER BY i);
    v_rest bigint;
    v_shares bigint[];
    v_next integer[];
BEGIN
    LOOP
        v_rest := p_credits - (
            SELECT coalesce(sum(p_floors[i]), 0) FROM generate_subscripts(p_floors, 1) AS i WHERE NOT i = ANY (v_low));
        v_shares := meshmill.share_out(v_rest, array_fill(1::numeric, ARRAY[cardinality(v_low)]));
        v_next := ARRAY(
            SELECT u.i FROM unnest(v_low, v_shares) WITH ORDINALITY AS u (i, share, ord)
            WHERE u.share >= p_floors[u.i] ORDER BY u.ord);
        EXIT WHEN cardinality(v_next) = cardinality(v_low);
        v_low := v_next;
    END LOOP;
    FOR n IN 1 .. cardinality(v_low) LOOP
        v_out[v_low[n]] := v_shares[n];
    END LOOP;
    RETURN v_out;
END $$;
COMMENT ON FUNCTION meshmill.level_out(bigint, bigint[]) IS 'Divides credits evenly where no part may be less than its floor. The floors'' sum must not be above the credits.';

-- Writes new limits of keys that the caller has locked, and one audit entry for all of them.
CREATE FUNCTION meshmill.set_quotas(
    p_keys bigint[],
    p_limits bigint[],
    p_what text,
    p_subject text,
    p_reason text
) RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_before jsonb;
    v_after jsonb;
BEGIN
    SELECT jsonb_object_agg(k.name, k.monthly_limit), jsonb_object_agg(k.name, u.credits)
    INTO v_before, v_after
    FROM unnest(p_keys, p_limits) AS u (id, credits)
    JOIN meshmill.keys AS k ON k.id = u.id
    WHERE k.monthly_limit IS DISTINCT FROM u.credits;
    IF v_after IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE meshmill.keys AS k SET monthly_limit = u.credits
    FROM unnest(p_keys, p_limits) AS u (id, credits)
    WHERE k.id = u.id AND k.monthly_limit IS DISTINCT FROM u.credits;
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN meshmill.audit(p_what, p_subject, v_before, v_after, p_reason);
END $$;
COMMENT ON FUNCTION meshmill.set_quotas(bigint[], bigint[], text, text, text) IS 'Sets monthly limits of keys whose locks the caller holds, with one audit entry; returns its id, or NULL if nothing changed.';

-- A key by name, locked, with its quota; in what follows keys are locked in the order of their ids.
CREATE FUNCTION meshmill.lock_keys(p_names text[]) RETURNS SETOF meshmill.keys
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_missing text;
BEGIN
    SELECT u.name INTO v_missing FROM unnest(p_names) AS u (name)
    WHERE NOT EXISTS (SELECT 1 FROM meshmill.keys AS k WHERE k.name = u.name AND k.state <> 'removed') ORDER BY 1 LIMIT 1;
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION 'there is no key %', v_missing USING ERRCODE = 'no_data_found', HINT = 'see: SELECT key FROM ops.keys';
    END IF;
    RETURN QUERY
    SELECT k.* FROM meshmill.keys AS k
    WHERE k.name = ANY (p_names) AND k.state <> 'removed' ORDER BY k.id FOR NO KEY UPDATE;
END $$;
COMMENT ON FUNCTION meshmill.lock_keys(text[]) IS 'Locks keys by name, in the order of their ids.';

CREATE FUNCTION meshmill.move_quota(p_from text, p_to text, p_credits bigint, p_reason text)
    RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_from meshmill.keys;
    v_to meshmill.keys;
    k meshmill.keys;
BEGIN
    IF p_credits IS NULL OR p_credits < 1 THEN
        RAISE EXCEPTION 'the credits to move must be at least 1' USING ERRCODE = 'check_violation';
    ELSIF p_from = p_to THEN
        RAISE EXCEPTION 'key % cannot give to itself', p_from USING ERRCODE = 'check_violation';
    END IF;
    FOR k IN SELECT * FROM meshmill.lock_keys(ARRAY[p_from, p_to]) LOOP
        IF k.name = p_from THEN
            v_from := k;
        ELSE
            v_to := k;
        END IF;
    END LOOP;
    IF v_from.monthly_limit IS NULL OR v_to.monthly_limit IS NULL THEN
        RAISE EXCEPTION 'key % has no monthly limit of ours', CASE WHEN v_from.monthly_limit IS NULL THEN p_from ELSE p_to END
            USING ERRCODE = 'check_violation', HINT = 'give it one first: ops.set_key_quota(key, credits)';
    ELSIF v_from.monthly_limit - p_credits < meshmill.quota_taken(v_from) THEN
        RAISE EXCEPTION 'key % can give % credits at most: % of its % are used or reserved', p_from,
            greatest(v_from.monthly_limit - meshmill.quota_taken(v_from), 0), meshmill.quota_taken(v_from), v_from.monthly_limit
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN meshmill.set_quotas(ARRAY[v_from.id, v_to.id],
        ARRAY[v_from.monthly_limit - p_credits, v_to.monthly_limit + p_credits], 'move_quota', p_from || ' to ' || p_to,
        p_reason);
END $$;
COMMENT ON FUNCTION meshmill.move_quota(text, text, bigint, text) IS 'Moves credits of the monthly limit from one key to another; returns the id of the audit entry.';

CREATE FUNCTION meshmill.rebalance(p_org text, p_total bigint, p_strategy text, p_apply boolean, p_reason text)
    RETURNS TABLE (key text, taken bigint, before bigint, after bigint, provider_limit bigint, audit_id bigint)
    LANGUAGE plpgsql
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_org bigint := (SELECT o.id FROM meshmill.orgs AS o WHERE o.name = p_org);
    v_keys bigint[];
    v_floors bigint[];
    v_before bigint[];
    v_after bigint[];
    v_weights numeric[];
    v_total bigint;
    v_taken bigint;
    v_unlimited text;
    v_audit bigint;
BEGIN
    IF v_org IS NULL THEN
        RAISE EXCEPTION 'there is no org %', p_org USING ERRCODE = 'no_data_found', HINT = 'see: SELECT org FROM ops.orgs';
    ELSIF p_strategy IS NULL OR p_strategy NOT IN ('even', 'demand', 'remaining') THEN
        RAISE EXCEPTION 'there is no strategy %: even, demand or remaining', p_strategy USING ERRCODE = 'check_violation';
    END IF;
    IF p_apply THEN
        PERFORM 1 FROM meshmill.keys AS k
        WHERE k.org_id = v_org AND k.state NOT IN ('removed', 'draining') ORDER BY k.id FOR NO KEY UPDATE;
    END IF;
    SELECT array_agg(k.id ORDER BY k.id), array_agg(meshmill.quota_taken(k) ORDER BY k.id),
           array_agg(k.monthly_limit ORDER BY k.id), coalesce(p_total, sum(k.monthly_limit)::bigint),
           sum(meshmill.quota_taken(k))::bigint, min(k.name) FILTER (WHERE k.monthly_limit IS NULL)
    INTO v_keys, v_floors, v_before, v_total, v_taken, v_unlimited
    FROM meshmill.keys AS k
    WHERE k.org_id = v_org AND k.state NOT IN ('removed', 'draining');
    IF v_keys IS NULL THEN
        RAISE EXCEPTION 'org % has no key to share out to', p_org USING ERRCODE = 'no_data_found';
    ELSIF p_total IS NULL AND v_unlimited IS NOT NULL THEN
        RAISE EXCEPTION 'key % of org % has no monthly limit of ours, so there is no sum to share out', v_unlimited, p_org
            USING ERRCODE = 'check_violation', HINT = 'name a total';
    ELSIF v_total < v_taken THEN
        RAISE EXCEPTION 'the keys of org % have used or reserved % credits; % cannot be shared out', p_org, v_taken, v_total
            USING ERRCODE = 'check_violation';
    END IF;
    IF p_strategy = 'even' THEN
        v_after := meshmill.level_out(v_total, v_floors);
    ELSE
        IF p_strategy = 'remaining' THEN
            v_weights := array_fill(1::numeric, ARRAY[cardinality(v_keys)]);
        ELSE
            -- What waits for the keys of a pool, each batch counted to 10,000 and divided among the org's keys there.
            v_weights := ARRAY(
                SELECT d.jobs / count(*) OVER (PARTITION BY k.pool_id)
                FROM meshmill.keys AS k
                CROSS JOIN LATERAL (
                    SELECT count(*)::numeric AS jobs
                    FROM meshmill.tenants AS t
                    JOIN meshmill.batches AS b ON b.tenant_id = t.id AND b.state <> 'finished'
                    CROSS JOIN LATERAL (
                        SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = b.id AND j.state = 'queued' LIMIT 10000
                    ) AS j
                    WHERE t.pool_id = k.pool_id
                ) AS d
                WHERE k.id = ANY (v_keys) ORDER BY k.id);
            IF NOT EXISTS (SELECT 1 FROM unnest(v_weights) AS w WHERE w > 0) THEN
                v_weights := v_floors::numeric[];
            END IF;
            -- As whole numbers, so that the remainders are exact.
            v_weights := ARRAY(SELECT ceil(w * 1000) FROM unnest(v_weights) WITH ORDINALITY AS u (w, ord) ORDER BY ord);
        END IF;
        v_after := ARRAY(
            SELECT u.taken + u.share
            FROM unnest(v_floors, meshmill.share_out(v_total - v_taken, v_weights)) WITH ORDINALITY AS u (taken, share, ord)
            ORDER BY u.ord);
    END IF;
    IF p_apply THEN
        v_audit := meshmill.set_quotas(v_keys, v_after, 'rebalance', 'org ' || p_org, p_reason);
    END IF;
    RETURN QUERY
    SELECT k.name, u.taken, u.before, u.after, k.provider_monthly_limit, v_audit
    FROM unnest(v_keys, v_floors, v_before, v_after) AS u (id, taken, before, after)
    JOIN meshmill.keys AS k ON k.id = u.id
    ORDER BY k.name;
END $$;
COMMENT ON FUNCTION meshmill.rebalance(text, bigint, text, boolean, text) IS 'Shares the monthly limits of an org''s keys out anew, or only says how (p_apply false): one row a key, with what it has used or reserved, before and after.';
