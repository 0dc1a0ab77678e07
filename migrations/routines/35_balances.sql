-- Balances of tenants and batches. Every claim writes their rows, one claim after another, and holds them until it
-- commits. An answer does not queue up with claims: a row that it finds locked it leaves alone, and puts what is to be
-- added into pending_balances; whoever locks the row next adds it. Until then a credit counts as reserved that was
-- charged, so that no limit is ever passed.

CREATE VIEW meshmill.tenant_balances AS
SELECT t.id, t.reserved + coalesce(p.reserved, 0) AS reserved, t.monthly_used + coalesce(p.used, 0) AS monthly_used
FROM meshmill.tenants AS t
LEFT JOIN LATERAL (
    SELECT sum(n.reserved)::bigint AS reserved, sum(n.used) FILTER (WHERE n.period = t.period)::bigint AS used
    FROM meshmill.pending_balances AS n WHERE n.tenant_id = t.id
) AS p ON true;
COMMENT ON VIEW meshmill.tenant_balances IS 'Each tenant''s balances, with what is pending.';
COMMENT ON COLUMN meshmill.tenant_balances.id IS 'The tenant.';
COMMENT ON COLUMN meshmill.tenant_balances.reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN meshmill.tenant_balances.monthly_used IS 'Credits charged in its period.';

CREATE VIEW meshmill.batch_balances AS
SELECT b.id, b.reserved + coalesce(p.reserved, 0) AS reserved, b.used + coalesce(p.used, 0) AS used
FROM meshmill.batches AS b
LEFT JOIN LATERAL (
    SELECT sum(n.reserved)::bigint AS reserved, sum(n.used)::bigint AS used
    FROM meshmill.pending_balances AS n WHERE n.batch_id = b.id
) AS p ON true;
COMMENT ON VIEW meshmill.batch_balances IS 'Each batch''s balances, with what is pending.';
COMMENT ON COLUMN meshmill.batch_balances.id IS 'The batch.';
COMMENT ON COLUMN meshmill.batch_balances.reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN meshmill.batch_balances.used IS 'Credits charged.';

CREATE FUNCTION meshmill.fold_tenants(p_tenants bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    -- Mostly nothing is pending, and one look costs less than setting up what would write.
    PERFORM 1 FROM meshmill.pending_balances AS p WHERE p.tenant_id = ANY (p_tenants) LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    WITH folded AS (
        DELETE FROM meshmill.pending_balances AS p WHERE p.tenant_id = ANY (p_tenants)
        RETURNING p.tenant_id, p.period, p.reserved, p.used
    )
    UPDATE meshmill.tenants AS t
    SET reserved = t.reserved + u.reserved, monthly_used = greatest(t.monthly_used + u.used, 0)
    FROM (
        SELECT o.id, sum(f.reserved) AS reserved, coalesce(sum(f.used) FILTER (WHERE f.period = o.period), 0) AS used
        FROM folded AS f JOIN meshmill.tenants AS o ON o.id = f.tenant_id GROUP BY o.id
    ) AS u
    WHERE t.id = u.id;
END $$;
COMMENT ON FUNCTION meshmill.fold_tenants(bigint[]) IS 'Adds what is pending to the balances of tenants whose rows the caller has locked.';

CREATE FUNCTION meshmill.fold_batches(p_batches bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    -- Mostly nothing is pending, and one look costs less than setting up what would write.
    PERFORM 1 FROM meshmill.pending_balances AS p WHERE p.batch_id = ANY (p_batches) LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    WITH folded AS (
        DELETE FROM meshmill.pending_balances AS p WHERE p.batch_id = ANY (p_batches)
        RETURNING p.batch_id, p.reserved, p.used
    )
    UPDATE meshmill.batches AS b
    SET reserved = b.reserved + u.reserved, used = b.used + u.used
    FROM (
        SELECT f.batch_id, sum(f.reserved) AS reserved, sum(f.used) AS used FROM folded AS f GROUP BY f.batch_id
    ) AS u
    WHERE b.id = u.batch_id;
END $$;
COMMENT ON FUNCTION meshmill.fold_batches(bigint[]) IS 'Adds what is pending to the balances of batches whose rows the caller has locked.';

-- Waits for nobody, so that it has no place in the order of locks; it comes last, so that it holds the rows shortly.
CREATE FUNCTION meshmill.charge_balances(p_tenants bigint[], p_periods date[], p_batches bigint[], p_credits bigint[])
    RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_tenants bigint[] := ARRAY(
        SELECT t.id FROM meshmill.tenants AS t
        WHERE t.id = ANY (p_tenants) ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED);
    v_batches bigint[] := ARRAY(
        SELECT b.id FROM meshmill.batches AS b
        WHERE b.id = ANY (p_batches) ORDER BY b.id FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
    INSERT INTO meshmill.pending_balances (tenant_id, period, reserved, used)
    SELECT u.tenant_id, u.period, -count(*), sum(u.credits)
    FROM unnest(p_tenants, p_periods, p_credits) AS u (tenant_id, period, credits)
    WHERE NOT u.tenant_id = ANY (v_tenants)
    GROUP BY u.tenant_id, u.period;
    INSERT INTO meshmill.pending_balances (batch_id, reserved, used)
    SELECT u.batch_id, -count(*), sum(u.credits)
    FROM unnest(p_batches, p_credits) AS u (batch_id, credits)
    WHERE NOT u.batch_id = ANY (v_batches)
    GROUP BY u.batch_id;
    UPDATE meshmill.tenants AS t
    SET reserved = t.reserved - u.n, monthly_used = t.monthly_used + u.used
    FROM (
        SELECT o.id, count(*) AS n, coalesce(sum(w.credits) FILTER (WHERE w.period = o.period), 0) AS used
        FROM unnest(p_tenants, p_periods, p_credits) AS w (tenant_id, period, credits)
        JOIN meshmill.tenants AS o ON o.id = w.tenant_id
        WHERE o.id = ANY (v_tenants)
        GROUP BY o.id
    ) AS u
    WHERE t.id = u.id;
    UPDATE meshmill.batches AS b
    SET reserved = b.reserved - u.n, used = b.used + u.used
    FROM (
        SELECT w.batch_id, count(*) AS n, sum(w.credits) AS used
        FROM unnest(p_batches, p_credits) AS w (batch_id, credits)
        WHERE w.batch_id = ANY (v_batches)
        GROUP BY w.batch_id
    ) AS u
    WHERE b.id = u.batch_id;
    PERFORM meshmill.fold_tenants(v_tenants);
    PERFORM meshmill.fold_batches(v_batches);
END $$;
COMMENT ON FUNCTION meshmill.charge_balances(bigint[], date[], bigint[], bigint[]) IS 'Charges credits that were reserved, one reserve at each position, to tenants and batches: at once where the row is free, by way of pending_balances where it is not.';

CREATE FUNCTION meshmill.fold_balances() RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    PERFORM meshmill.fold_tenants(ARRAY(
        SELECT t.id FROM meshmill.tenants AS t
        WHERE t.id = ANY (ARRAY(SELECT p.tenant_id FROM meshmill.pending_balances AS p WHERE p.tenant_id IS NOT NULL))
        ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED));
    PERFORM meshmill.fold_batches(ARRAY(
        SELECT b.id FROM meshmill.batches AS b
        WHERE b.id = ANY (ARRAY(SELECT p.batch_id FROM meshmill.pending_balances AS p WHERE p.batch_id IS NOT NULL))
        ORDER BY b.id FOR NO KEY UPDATE SKIP LOCKED));
END $$;
COMMENT ON FUNCTION meshmill.fold_balances() IS 'Adds what is pending to the balances of all tenants and batches whose rows are free.';
