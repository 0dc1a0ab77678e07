-- Jobs by what is known of them.

-- A path with * and ? as LIKE reads it; * crosses folders.
CREATE FUNCTION meshmill.like_pattern(p_glob text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN translate(replace(replace(replace(p_glob, '\', '\\'), '%', '\%'), '_', '\_'), '*?', '%_');
COMMENT ON FUNCTION meshmill.like_pattern(text) IS 'A LIKE pattern for a path with * and ?.';

CREATE FUNCTION meshmill.find_jobs(
    p_statuses text[],
    p_error_code text,
    p_batches bigint[],
    p_tenant text,
    p_key text,
    p_source text,
    p_limit bigint
) RETURNS TABLE (job_id bigint, status meshmill.job_state)
    LANGUAGE plpgsql STABLE
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    -- Each status is looked for along its partial index, batch by batch.
    c_indexes CONSTANT text[] := ARRAY['queued', 'scheduled,submitting,generating,downloading', 'completed,failed,cancelled,held'];
    v_states text[] := coalesce(p_statuses, enum_range(NULL::meshmill.job_state)::text[]);
    v_group text;
    v_wanted text[];
    v_sql text := '';
BEGIN
    IF p_tenant IS NOT NULL AND NOT EXISTS (SELECT 1 FROM meshmill.tenants AS t WHERE t.name = p_tenant) THEN
        RAISE EXCEPTION 'there is no tenant %', p_tenant USING ERRCODE = 'no_data_found', HINT = 'see: SELECT tenant FROM ops.tenants';
    ELSIF p_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM meshmill.keys AS k WHERE k.name = p_key) THEN
        RAISE EXCEPTION 'there is no key %', p_key USING ERRCODE = 'no_data_found', HINT = 'see: SELECT key FROM ops.keys';
    END IF;
    FOREACH v_group IN ARRAY c_indexes LOOP
        v_wanted := ARRAY(SELECT s FROM unnest(string_to_array(v_group, ',')) AS s WHERE s = ANY (v_states));
        CONTINUE WHEN cardinality(v_wanted) = 0;
        v_sql := v_sql || CASE WHEN v_sql = '' THEN '' ELSE ' UNION ALL ' END || format(
            'SELECT j.id, j.state FROM meshmill.batches AS b CROSS JOIN LATERAL (
                 SELECT q.id, q.state, q.attempt_id FROM meshmill.jobs AS q
                 WHERE q.batch_id = b.id AND q.state = ANY (%L::meshmill.job_state[]) AND q.state IN (%s)%s
                 ORDER BY q.id) AS j
             WHERE true%s%s%s%s',
            v_wanted, (SELECT string_agg(quote_literal(s), ', ') FROM unnest(string_to_array(v_group, ',')) AS s),
            CASE WHEN p_error_code IS NOT NULL THEN ' AND q.error_code = $1' END,
            CASE WHEN p_batches IS NOT NULL THEN ' AND b.id = ANY ($2)' END,
            CASE WHEN p_tenant IS NOT NULL THEN ' AND b.tenant_id = (SELECT t.id FROM meshmill.tenants AS t WHERE t.name = $3)' END,
            CASE WHEN p_key IS NOT NULL THEN ' AND (SELECT k.name FROM meshmill.attempts AS a JOIN meshmill.keys AS k ON k.id = a.key_id WHERE a.id = j.attempt_id) = $4' END,
            CASE WHEN p_source IS NOT NULL THEN ' AND (SELECT true FROM meshmill.outputs AS o WHERE o.job_id = j.id AND o.source LIKE $5 LIMIT 1)' END);
    END LOOP;
    IF v_sql = '' THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE v_sql || ' LIMIT $6'
        USING p_error_code, p_batches, p_tenant, p_key, meshmill.like_pattern(p_source), p_limit;
END $$;
COMMENT ON FUNCTION meshmill.find_jobs(text[], text, bigint[], text, text, text, bigint) IS 'Jobs by status, error code, batch, tenant, name of the newest key, and path of the source with * and ?; NULL does not narrow. Jobs that were put away are not looked at. At most p_limit.';
