-- What admins do to quotas, tenants, orgs and pools, and how it is taken back: each keeps every rule and writes the
-- audit log. Where a function returns a number and says nothing else, it is the id of the audit entry.

-- ---------------------------------------------------------------------------------------------- quotas

CREATE FUNCTION ops.set_key(key text, changes jsonb, reason text DEFAULT NULL) RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT k.name FROM meshmill.change_key(key, changes, 'set_key', reason) AS k;
END;
COMMENT ON FUNCTION ops.set_key(text, jsonb, text) IS 'Changes settings of a key, such as {"rate_limit": 10, "rate_window": "15 minutes", "reserve_slots": 1, "pool": "film", "org": "studio", "name": "x"}; its slots follow at once, without a 429. Returns its name.';

CREATE FUNCTION ops.set_key_quota(key text, credits bigint, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    SELECT k.monthly_limit
    FROM meshmill.change_key(key, jsonb_build_object('monthly_limit', credits), 'set_key_quota', reason) AS k;
END;
COMMENT ON FUNCTION ops.set_key_quota(text, bigint, text) IS 'Sets our cap of credits a month of a key; NULL: none. Below what is used it only stops new POSTs. The lesser of ours and the provider''s counts. Returns the cap.';

CREATE FUNCTION ops.move_quota(from_key text, to_key text, credits bigint, reason text DEFAULT NULL)
    RETURNS TABLE (audit_id bigint, key text, before bigint, after bigint, taken bigint, provider_limit bigint)
    LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    v_audit bigint := meshmill.move_quota(from_key, to_key, credits, reason);
BEGIN
    RETURN QUERY
    SELECT v_audit, k.name, (l.before ->> k.name)::bigint, k.monthly_limit, meshmill.quota_taken(k), k.provider_monthly_limit
    FROM meshmill.audit_log AS l
    JOIN meshmill.keys AS k ON k.name = ANY (ARRAY[from_key, to_key]) AND k.state <> 'removed'
    WHERE l.id = v_audit
    ORDER BY k.name <> from_key;
END $$;
COMMENT ON FUNCTION ops.move_quota(text, text, bigint, text) IS 'Moves credits of the monthly limit from one key to another, at once; refuses to go below what is used or reserved. Both keys, before and after. Above provider_limit a quota has no effect.';

CREATE FUNCTION ops.rebalance(org text, strategy text DEFAULT 'even', total bigint DEFAULT NULL, reason text DEFAULT NULL)
    RETURNS TABLE (audit_id bigint, key text, before bigint, after bigint, taken bigint, provider_limit bigint)
    LANGUAGE sql
BEGIN ATOMIC
    SELECT r.audit_id, r.key, r.before, r.after, r.taken, r.provider_limit
    FROM meshmill.rebalance(org, total, strategy, true, reason) AS r;
END;
COMMENT ON FUNCTION ops.rebalance(text, text, bigint, text) IS 'Shares the monthly limits of an org''s keys out anew, to the last credit and never below what is used or reserved. even: equal limits; remaining: an equal rest for each; demand: the rest by what waits for each key''s pool, or by use if nothing waits. total NULL keeps the sum. audit_id is NULL if nothing changed.';

CREATE FUNCTION ops.preview_rebalance(org text, strategy text DEFAULT 'even', total bigint DEFAULT NULL)
    RETURNS TABLE (key text, before bigint, after bigint, taken bigint, provider_limit bigint)
    LANGUAGE sql
BEGIN ATOMIC
    SELECT r.key, r.before, r.after, r.taken, r.provider_limit
    FROM meshmill.rebalance(org, total, strategy, false, NULL) AS r;
END;
COMMENT ON FUNCTION ops.preview_rebalance(text, text, bigint) IS 'What ops.rebalance would do; changes nothing.';

CREATE FUNCTION ops.undo(audit_id bigint, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.undo(audit_id, reason); END;
COMMENT ON FUNCTION ops.undo(bigint, text) IS 'Takes back what an audit entry did to quotas, a key, a tenant, an org or a pool, unless it was changed since. Quotas go back by their difference. Undo the undo to do it again.';

-- ---------------------------------------------------------------------------------------------- tenants

CREATE FUNCTION ops.add_tenant(
    tenant text,
    pool text DEFAULT 'default',
    weight double precision DEFAULT 1,
    monthly_budget bigint DEFAULT NULL,
    max_queued bigint DEFAULT NULL,
    reason text DEFAULT NULL
) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    SELECT meshmill.add_tenant(tenant, jsonb_build_object('pool', pool, 'weight', weight, 'monthly_budget', monthly_budget,
        'max_queued', max_queued), reason);
END;
COMMENT ON FUNCTION ops.add_tenant(text, text, double precision, bigint, bigint, text) IS 'Adds a tenant: whose keys it may use, its share, its cap of credits a month and the most jobs that may wait at once.';

CREATE FUNCTION ops.set_tenant(tenant text, changes jsonb, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_tenant(tenant, changes, 'set_tenant', reason); END;
COMMENT ON FUNCTION ops.set_tenant(text, jsonb, text) IS 'Changes settings of a tenant, such as {"weight": 2, "pool": "film", "monthly_budget": null, "max_queued": 1000, "name": "x"}.';

CREATE FUNCTION ops.set_tenant_weight(tenant text, weight double precision, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    SELECT meshmill.change_tenant(tenant, jsonb_build_object('weight', weight), 'set_tenant_weight', reason);
END;
COMMENT ON FUNCTION ops.set_tenant_weight(text, double precision, text) IS 'Sets a tenant''s share of the slots while others wait too; acts on what waits at once.';

CREATE FUNCTION ops.pause_tenant(tenant text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_tenant(tenant, '{"paused": true}', 'pause_tenant', reason); END;
COMMENT ON FUNCTION ops.pause_tenant(text, text) IS 'Submits none of a tenant''s jobs; what is in flight goes on.';

CREATE FUNCTION ops.resume_tenant(tenant text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_tenant(tenant, '{"paused": false}', 'resume_tenant', reason); END;
COMMENT ON FUNCTION ops.resume_tenant(text, text) IS 'Ends a tenant''s pause; it takes its turn from now, without what it missed.';

-- ---------------------------------------------------------------------------------------------- orgs and pools

CREATE FUNCTION ops.add_org(org text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.add_org(org, reason); END;
COMMENT ON FUNCTION ops.add_org(text, text) IS 'Adds an account at the provider, for keys to come.';

CREATE FUNCTION ops.set_org(org text, changes jsonb, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_org(org, changes, 'set_org', reason); END;
COMMENT ON FUNCTION ops.set_org(text, jsonb, text) IS 'Changes an org: {"name": "x"}.';

CREATE FUNCTION ops.pause_org(org text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_org(org, '{"paused": true}', 'pause_org', reason); END;
COMMENT ON FUNCTION ops.pause_org(text, text) IS 'Sends no new POST with any key of an org; what is in flight goes on.';

CREATE FUNCTION ops.resume_org(org text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_org(org, '{"paused": false}', 'resume_org', reason); END;
COMMENT ON FUNCTION ops.resume_org(text, text) IS 'Ends the pause of an org; a key that is paused itself stays so.';

CREATE FUNCTION ops.add_pool(pool text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.add_pool(pool, reason); END;
COMMENT ON FUNCTION ops.add_pool(text, text) IS 'Adds a pool; move keys to it with ops.set_key(key, {"pool": …}) and tenants with ops.set_tenant.';

CREATE FUNCTION ops.set_pool(pool text, changes jsonb, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_pool(pool, changes, 'set_pool', reason); END;
COMMENT ON FUNCTION ops.set_pool(text, jsonb, text) IS 'Changes settings of a pool, such as {"key_policy": "even", "name": "x"}.';

CREATE FUNCTION ops.pause_pool(pool text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_pool(pool, '{"paused": true}', 'pause_pool', reason); END;
COMMENT ON FUNCTION ops.pause_pool(text, text) IS 'Sends no new POST with any key of a pool; what is in flight goes on.';

CREATE FUNCTION ops.resume_pool(pool text, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.change_pool(pool, '{"paused": false}', 'resume_pool', reason); END;
COMMENT ON FUNCTION ops.resume_pool(text, text) IS 'Ends the pause of a pool.';
