-- Tenants, orgs and pools as people change them.

CREATE FUNCTION meshmill.tenant_facts(t meshmill.tenants) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object(
        'name', t.name, 'paused', t.paused,
        'pool', (SELECT p.name FROM meshmill.pools AS p WHERE p.id = t.pool_id),
        'weight', t.weight, 'monthly_budget', t.monthly_budget, 'max_queued', t.max_queued);
COMMENT ON FUNCTION meshmill.tenant_facts(meshmill.tenants) IS 'What the audit log keeps of a tenant.';

CREATE FUNCTION meshmill.pool_id(p_pool text) RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_pool bigint := (SELECT p.id FROM meshmill.pools AS p WHERE p.name = p_pool);
BEGIN
    IF v_pool IS NULL THEN
        RAISE EXCEPTION 'there is no pool %', p_pool USING ERRCODE = 'no_data_found', HINT = 'see: SELECT pool FROM ops.pools';
    END IF;
    RETURN v_pool;
END $$;
COMMENT ON FUNCTION meshmill.pool_id(text) IS 'The id of a pool by name.';

-- A name is what people and commands call a thing by: visible, and of a length that fits a table.
CREATE FUNCTION meshmill.check_name(p_what text, p_name text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF p_name IS NULL OR p_name = '' OR p_name <> btrim(p_name) OR length(p_name) > 100 OR p_name ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'the name of the % is empty, too long, or not visible', p_what USING ERRCODE = 'check_violation';
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.check_name(text, text) IS 'Refuses a name that is empty, above 100 characters, or has control characters or white space around it.';

-- Where a tenant that owes nothing and is owed nothing starts in a pool: with who has waited longest, or else where the
-- last one stopped.
CREATE FUNCTION meshmill.starting_time(p_pool bigint, p_without bigint) RETURNS double precision
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN coalesce(
        (SELECT coalesce(min(t.virtual_time) FILTER (WHERE t.backlogged), max(t.virtual_time))
         FROM meshmill.tenants AS t WHERE t.pool_id = p_pool AND t.id IS DISTINCT FROM p_without), 0);
END $$;
COMMENT ON FUNCTION meshmill.starting_time(bigint, bigint) IS 'The virtual time at which a tenant joins a pool; p_without is not looked at.';

CREATE FUNCTION meshmill.add_tenant(p_tenant text, p_settings jsonb, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    t meshmill.tenants;
    v_pool bigint := meshmill.pool_id(coalesce(p_settings ->> 'pool', 'default'));
BEGIN
    PERFORM meshmill.check_name('tenant', p_tenant);
    INSERT INTO meshmill.tenants AS n (name, pool_id, weight, monthly_budget, max_queued, virtual_time)
    VALUES (p_tenant, v_pool,
        coalesce((p_settings ->> 'weight')::double precision, 1), (p_settings ->> 'monthly_budget')::bigint,
        (p_settings ->> 'max_queued')::bigint, meshmill.starting_time(v_pool, NULL))
    ON CONFLICT (name) DO NOTHING
    RETURNING n.* INTO t;
    IF t.id IS NULL THEN
        RAISE EXCEPTION 'there is a tenant % already', p_tenant USING ERRCODE = 'check_violation';
    END IF;
    RETURN meshmill.audit('add_tenant', 'tenant ' || p_tenant, NULL, meshmill.tenant_facts(t), p_reason);
END $$;
COMMENT ON FUNCTION meshmill.add_tenant(text, jsonb, text) IS 'Adds a tenant with pool, weight, monthly_budget and max_queued as given; returns the id of the audit entry.';

CREATE FUNCTION meshmill.change_tenant(p_tenant text, p_changes jsonb, p_what text, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old meshmill.tenants;
    v_new meshmill.tenants;
    v_pool bigint := CASE WHEN p_changes ? 'pool' THEN meshmill.pool_id(p_changes ->> 'pool') END;
BEGIN
    SELECT * INTO v_old FROM meshmill.tenants AS t WHERE t.name = p_tenant FOR NO KEY UPDATE;
    IF v_old.id IS NULL THEN
        RAISE EXCEPTION 'there is no tenant %', p_tenant USING ERRCODE = 'no_data_found', HINT = 'see: SELECT tenant FROM ops.tenants';
    END IF;
    IF p_changes ? 'name' THEN
        PERFORM meshmill.check_name('tenant', p_changes ->> 'name');
        IF v_old.name = 'default' AND p_changes ->> 'name' <> 'default' THEN
            RAISE EXCEPTION 'the tenant default keeps its name: it is who asks where nobody is named' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    UPDATE meshmill.tenants AS t
    SET name = coalesce(p_changes ->> 'name', t.name),
        pool_id = coalesce(v_pool, t.pool_id),
        -- What it was given in the one pool says nothing of its turn in the other.
        virtual_time = CASE WHEN v_pool <> t.pool_id THEN meshmill.starting_time(v_pool, t.id) ELSE t.virtual_time END,
        backlogged = t.backlogged AND coalesce(v_pool = t.pool_id, true),
        paused = coalesce((p_changes ->> 'paused')::boolean, t.paused),
        weight = coalesce((p_changes ->> 'weight')::double precision, t.weight),
        monthly_budget = CASE WHEN p_changes ? 'monthly_budget' THEN (p_changes ->> 'monthly_budget')::bigint ELSE t.monthly_budget END,
        max_queued = CASE WHEN p_changes ? 'max_queued' THEN (p_changes ->> 'max_queued')::bigint ELSE t.max_queued END
    WHERE t.id = v_old.id
    RETURNING t.* INTO v_new;
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN meshmill.audit(p_what, 'tenant ' || v_old.name, meshmill.tenant_facts(v_old), meshmill.tenant_facts(v_new), p_reason);
END $$;
COMMENT ON FUNCTION meshmill.change_tenant(text, jsonb, text, text) IS 'Changes the given fields of a tenant (name, pool, paused, weight, monthly_budget, max_queued); acts on the waiting backlog at once. Returns the id of the audit entry.';

CREATE FUNCTION meshmill.add_org(p_org text, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM meshmill.check_name('org', p_org);
    INSERT INTO meshmill.orgs (name) VALUES (p_org) ON CONFLICT (name) DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is an org % already', p_org USING ERRCODE = 'check_violation';
    END IF;
    RETURN meshmill.audit('add_org', 'org ' || p_org, NULL, jsonb_build_object('name', p_org), p_reason);
END $$;
COMMENT ON FUNCTION meshmill.add_org(text, text) IS 'Adds an account at the provider; returns the id of the audit entry.';

CREATE FUNCTION meshmill.change_org(p_org text, p_changes jsonb, p_what text, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old meshmill.orgs;
    v_new meshmill.orgs;
BEGIN
    SELECT * INTO v_old FROM meshmill.orgs AS o WHERE o.name = p_org FOR NO KEY UPDATE;
    IF v_old.id IS NULL THEN
        RAISE EXCEPTION 'there is no org %', p_org USING ERRCODE = 'no_data_found', HINT = 'see: SELECT org FROM ops.orgs';
    END IF;
    IF p_changes ? 'name' THEN
        PERFORM meshmill.check_name('org', p_changes ->> 'name');
    END IF;
    UPDATE meshmill.orgs AS o
    SET name = coalesce(p_changes ->> 'name', o.name), paused = coalesce((p_changes ->> 'paused')::boolean, o.paused)
    WHERE o.id = v_old.id
    RETURNING o.* INTO v_new;
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN meshmill.audit(p_what, 'org ' || v_old.name, jsonb_build_object('name', v_old.name, 'paused', v_old.paused),
        jsonb_build_object('name', v_new.name, 'paused', v_new.paused), p_reason);
END $$;
COMMENT ON FUNCTION meshmill.change_org(text, jsonb, text, text) IS 'Changes the given fields of an org (name, paused); returns the id of the audit entry.';

CREATE FUNCTION meshmill.add_pool(p_pool text, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM meshmill.check_name('pool', p_pool);
    INSERT INTO meshmill.pools (name, key_policy)
    VALUES (p_pool, coalesce((SELECT s.value FROM meshmill.settings AS s WHERE s.name = 'key_policy'), 'largest-remaining'))
    ON CONFLICT (name) DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is a pool % already', p_pool USING ERRCODE = 'check_violation';
    END IF;
    RETURN meshmill.audit('add_pool', 'pool ' || p_pool, NULL, jsonb_build_object('name', p_pool), p_reason);
END $$;
COMMENT ON FUNCTION meshmill.add_pool(text, text) IS 'Adds a pool, without keys and tenants so far, under the key policy that is set for all; returns the id of the audit entry.';

CREATE FUNCTION meshmill.pool_facts(p meshmill.pools) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_object('name', p.name, 'paused', p.paused, 'key_policy', p.key_policy);
COMMENT ON FUNCTION meshmill.pool_facts(meshmill.pools) IS 'What the audit log keeps of a pool.';

CREATE FUNCTION meshmill.change_pool(p_pool text, p_changes jsonb, p_what text, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old meshmill.pools;
    v_new meshmill.pools;
BEGIN
    SELECT * INTO v_old FROM meshmill.pools AS p WHERE p.id = meshmill.pool_id(p_pool) FOR NO KEY UPDATE;
    IF p_changes ? 'name' THEN
        PERFORM meshmill.check_name('pool', p_changes ->> 'name');
        IF v_old.name = 'default' AND p_changes ->> 'name' <> 'default' THEN
            RAISE EXCEPTION 'the pool default keeps its name' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF p_changes ->> 'key_policy' NOT IN ('largest-remaining', 'even', 'fill-first') THEN
        RAISE EXCEPTION 'there is no key policy %', p_changes ->> 'key_policy'
            USING ERRCODE = 'check_violation', HINT = 'it is largest-remaining, even or fill-first';
    END IF;
    UPDATE meshmill.pools AS p
    SET name = coalesce(p_changes ->> 'name', p.name), paused = coalesce((p_changes ->> 'paused')::boolean, p.paused),
        key_policy = coalesce(p_changes ->> 'key_policy', p.key_policy)
    WHERE p.id = v_old.id
    RETURNING p.* INTO v_new;
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN meshmill.audit(p_what, 'pool ' || v_old.name, meshmill.pool_facts(v_old), meshmill.pool_facts(v_new), p_reason);
END $$;
COMMENT ON FUNCTION meshmill.change_pool(text, jsonb, text, text) IS 'Changes the given fields of a pool (name, paused, key_policy); returns the id of the audit entry.';
