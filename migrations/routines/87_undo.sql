-- Undo: what an audit entry did is taken back, once, where nothing has changed it since. Quotas go back by their
-- difference, so that later moves stay and the sum does; everything else goes back to what it was.

CREATE FUNCTION meshmill.undo_quotas(e meshmill.audit_log, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    k meshmill.keys;
    v_keys bigint[] := '{}';
    v_limits bigint[] := '{}';
    v_limit bigint;
BEGIN
    FOR k IN SELECT * FROM meshmill.lock_keys(ARRAY(SELECT jsonb_object_keys(e.after))) LOOP
        v_limit := NULL;  -- it had none, and gets none again
        IF e.before ->> k.name IS NOT NULL THEN
            IF k.monthly_limit IS NULL THEN
                RAISE EXCEPTION 'key % has no monthly limit any more; set it by hand', k.name USING ERRCODE = 'check_violation';
            END IF;
            v_limit := k.monthly_limit + (e.before ->> k.name)::bigint - (e.after ->> k.name)::bigint;
            IF v_limit < meshmill.quota_taken(k) THEN
                RAISE EXCEPTION 'key % would fall to % credits, but % are used or reserved', k.name, v_limit,
                    meshmill.quota_taken(k) USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        v_keys := v_keys || k.id;
        v_limits := array_append(v_limits, v_limit);
    END LOOP;
    RETURN meshmill.set_quotas(v_keys, v_limits, 'undo', e.subject, p_reason);
END $$;
COMMENT ON FUNCTION meshmill.undo_quotas(meshmill.audit_log, text) IS 'Gives moved quotas back by their difference; returns the id of the new audit entry.';

CREATE FUNCTION meshmill.undo(p_audit bigint, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    e meshmill.audit_log;
    v_by bigint;
    v_id bigint;
    v_kind text;
    v_name text;
    v_now jsonb;
    v_changes jsonb;
    v_moved text;
    v_reason text := coalesce(p_reason, format('undo of %s', p_audit));
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('meshmill.undo', p_audit));
    SELECT * INTO e FROM meshmill.audit_log AS l WHERE l.id = p_audit;
    IF e.id IS NULL THEN
        RAISE EXCEPTION 'there is no audit entry %', p_audit
            USING ERRCODE = 'no_data_found', HINT = 'see: SELECT audit_id FROM ops.audit_log';
    END IF;
    SELECT l.id INTO v_by FROM meshmill.audit_log AS l WHERE l.undoes = p_audit;
    IF v_by IS NOT NULL THEN
        RAISE EXCEPTION 'audit entry % was taken back already, by %', p_audit, v_by
            USING ERRCODE = 'check_violation', HINT = format('to do it again, undo %s', v_by);
    END IF;

    -- What it was about is told by what the entry keeps of it.
    v_kind := CASE
        WHEN e.before IS NULL OR e.after IS NULL THEN NULL
        WHEN e.before ? 'rate_window_seconds' THEN 'key'
        WHEN e.subject LIKE 'tenant %' THEN 'tenant'
        WHEN e.subject LIKE 'pool %' THEN 'pool'
        WHEN e.what = 'move_quota' OR e.what IN ('rebalance', 'undo') AND NOT e.before ? 'paused' THEN 'quotas'
        WHEN e.subject LIKE 'org %' THEN 'org'
    END;
    IF v_kind IS NULL THEN
        RAISE EXCEPTION 'audit entry % (%) cannot be taken back', p_audit, e.what
            USING ERRCODE = 'check_violation', HINT = 'changes of quotas, keys, tenants, orgs and pools can';
    ELSIF v_kind = 'quotas' THEN
        v_id := meshmill.undo_quotas(e, v_reason);
    ELSE
        v_name := e.after ->> 'name';
        v_now := CASE v_kind
            WHEN 'key' THEN (SELECT meshmill.key_facts(k) FROM meshmill.lock_keys(ARRAY[v_name]) AS k)
            WHEN 'tenant' THEN (SELECT meshmill.tenant_facts(t) FROM meshmill.tenants AS t WHERE t.name = v_name)
            WHEN 'org' THEN (SELECT jsonb_build_object('name', o.name, 'paused', o.paused) FROM meshmill.orgs AS o WHERE o.name = v_name)
            WHEN 'pool' THEN (SELECT meshmill.pool_facts(p) FROM meshmill.pools AS p WHERE p.name = v_name)
        END;
        IF v_now IS NULL THEN
            RAISE EXCEPTION 'there is no % % any more', v_kind, v_name USING ERRCODE = 'no_data_found';
        END IF;
        -- A hold is the provider's word and not taken back.
        SELECT jsonb_object_agg(f.name, f.value), min(f.name) FILTER (WHERE v_now -> f.name IS DISTINCT FROM e.after -> f.name)
        INTO v_changes, v_moved
        FROM jsonb_each(e.before) AS f (name, value)
        WHERE f.value IS DISTINCT FROM e.after -> f.name AND f.name <> 'blocked_until';
        IF v_changes IS NULL THEN
            RAISE EXCEPTION 'audit entry % changed nothing that could be taken back', p_audit USING ERRCODE = 'check_violation';
        ELSIF v_moved IS NOT NULL THEN
            RAISE EXCEPTION '% of % % has been changed since: it is % now, not %', v_moved, v_kind, v_name,
                v_now ->> v_moved, e.after ->> v_moved USING ERRCODE = 'check_violation';
        END IF;
        CASE v_kind
            WHEN 'key' THEN
                IF v_changes ? 'rate_window_seconds' THEN
                    v_changes := v_changes || jsonb_build_object('rate_window', format('%s seconds', v_changes ->> 'rate_window_seconds'));
                END IF;
                IF v_changes ? 'margin_seconds' THEN
                    v_changes := v_changes || jsonb_build_object('margin', format('%s seconds', v_changes ->> 'margin_seconds'));
                END IF;
                PERFORM meshmill.change_key(v_name, v_changes, 'undo', v_reason);
                v_id := currval(pg_get_serial_sequence('meshmill.audit_log', 'id'));
            WHEN 'tenant' THEN v_id := meshmill.change_tenant(v_name, v_changes, 'undo', v_reason);
            WHEN 'org' THEN v_id := meshmill.change_org(v_name, v_changes, 'undo', v_reason);
            WHEN 'pool' THEN v_id := meshmill.change_pool(v_name, v_changes, 'undo', v_reason);
        END CASE;
    END IF;
    UPDATE meshmill.audit_log AS l SET undoes = p_audit WHERE l.id = v_id;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION meshmill.undo(bigint, text) IS 'Takes back what an audit entry did to quotas, a key, a tenant, an org or a pool, once, unless it was changed since; returns the id of the new entry.';
