-- Who may read and call what. Roles belong to the whole cluster and may be there already, made by an administrator or
-- by another installation; where this user may not make them, everything stays with the user who migrates, and
-- `meshmill migrate` says so.
--
-- viewer reads; operator also pauses, resumes, retries, cancels, holds, releases and turns the switch; admin also
-- changes quotas, limits, shares, tenants and secrets; worker does the work; owner holds the tables and can do no login.

DO $$
DECLARE
    v_role text;
    v_tries integer;
    v_pair text[];
BEGIN
    FOREACH v_role IN ARRAY ARRAY['owner', 'viewer', 'operator', 'worker', 'admin'] LOOP
        CONTINUE WHEN to_regrole('meshmill_' || v_role) IS NOT NULL;
        FOR v_tries IN 1 .. 10 LOOP
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', 'meshmill_' || v_role);
                EXIT;
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN EXIT;  -- another installation was quicker
                WHEN internal_error THEN PERFORM pg_sleep(0.05);  -- "tuple concurrently updated": once more
                WHEN insufficient_privilege THEN EXIT;
            END;
        END LOOP;
    END LOOP;
    FOREACH v_pair SLICE 1 IN ARRAY ARRAY[
        ['meshmill_viewer', 'meshmill_operator'], ['meshmill_viewer', 'meshmill_worker'],
        ['meshmill_operator', 'meshmill_admin'], ['meshmill_worker', 'meshmill_admin'],
        ['meshmill_owner', current_user::text]]
    LOOP
        CONTINUE WHEN to_regrole(v_pair[1]) IS NULL OR to_regrole(quote_ident(v_pair[2])) IS NULL
            OR pg_has_role(v_pair[2], v_pair[1], 'USAGE');
        FOR v_tries IN 1 .. 10 LOOP
            BEGIN
                EXECUTE format('GRANT %I TO %I', v_pair[1], v_pair[2]);
                EXIT;
            EXCEPTION
                WHEN internal_error OR unique_violation THEN PERFORM pg_sleep(0.05);
                WHEN insufficient_privilege THEN EXIT;
            END;
        END LOOP;
    END LOOP;
END $$;

-- Everything belongs to meshmill_owner where that is possible, so that functions which act for their caller act with
-- its rights and not with those of a superuser who happened to migrate.
DO $$
DECLARE
    v_sql text;
BEGIN
    IF to_regrole('meshmill_owner') IS NULL OR NOT pg_has_role('meshmill_owner', 'USAGE') THEN
        RETURN;
    END IF;
    FOR v_sql IN
        SELECT format('ALTER SCHEMA %I OWNER TO meshmill_owner', n.nspname)
        FROM pg_namespace AS n
        WHERE n.nspname IN ('meshmill', 'ops') AND n.nspowner <> 'meshmill_owner'::regrole
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO meshmill_owner',
            CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('meshmill', 'ops') AND c.relkind IN ('r', 'p', 'v', 'S')
          AND c.relowner <> 'meshmill_owner'::regrole
          AND NOT EXISTS (  -- a column's own sequence follows its table
              SELECT 1 FROM pg_depend AS d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO meshmill_owner', t.oid::regtype)
        FROM pg_type AS t
        JOIN pg_namespace AS n ON n.oid = t.typnamespace
        LEFT JOIN pg_class AS c ON c.oid = t.typrelid
        WHERE n.nspname IN ('meshmill', 'ops') AND t.typowner <> 'meshmill_owner'::regrole
          AND (t.typtype IN ('e', 'd') OR c.relkind = 'c')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO meshmill_owner', p.oid::regprocedure)
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('meshmill', 'ops') AND p.proowner <> 'meshmill_owner'::regrole
    LOOP
        EXECUTE v_sql;
    END LOOP;
END $$;

-- What changes something in ops does so with the owner's rights, whoever may call it; the search path is pinned, so
-- that no caller can put a function of his own under a name that is used inside.
DO $$
DECLARE
    v_routine regprocedure;
BEGIN
    FOR v_routine IN
        SELECT p.oid FROM pg_proc AS p WHERE p.pronamespace = 'ops'::regnamespace AND p.provolatile = 'v'
    LOOP
        EXECUTE format('ALTER ROUTINE %s SECURITY DEFINER SET search_path = pg_catalog, pg_temp', v_routine);
    END LOOP;
END $$;

DO $$
DECLARE
    -- What operators may call; every other function of ops that changes something is for admins.
    c_operator CONSTANT text[] := ARRAY['pause_key', 'resume_key', 'drain_key', 'quarantine_key', 'quarantine_all_keys', 'pause_org',
        'resume_org', 'pause_pool', 'resume_pool', 'pause_tenant', 'resume_tenant', 'retry', 'cancel', 'hold',
        'release', 'retry_batch', 'cancel_batch', 'hold_batch', 'release_batch', 'open_batch', 'act_on_jobs', 'set_priority',
        'stop_submitting', 'start_submitting', 'reset_breaker', 'preview_rebalance'];
    -- Tables that a worker only adds to, and those that it only reads.
    c_append_only CONSTANT text[] := ARRAY['ledger', 'audit_log'];
    c_read_only CONSTANT text[] := ARRAY['clock_offset', 'migrations'];
    v_sql text;
BEGIN
    REVOKE ALL ON SCHEMA meshmill, ops FROM PUBLIC;
    REVOKE ALL ON ALL TABLES IN SCHEMA meshmill, ops FROM PUBLIC;
    REVOKE ALL ON ALL ROUTINES IN SCHEMA meshmill, ops FROM PUBLIC;
    FOR v_sql IN
        SELECT format('REVOKE ALL ON ALL TABLES IN SCHEMA meshmill, ops FROM %I', r.rolname)
        FROM pg_roles AS r
        WHERE r.rolname IN ('meshmill_viewer', 'meshmill_operator', 'meshmill_worker', 'meshmill_admin')
    LOOP
        EXECUTE v_sql;
    END LOOP;
    FOR v_sql IN
        SELECT 'GRANT USAGE ON SCHEMA meshmill, ops TO meshmill_viewer'
        UNION ALL
        -- Functions inside views run with the reader's rights, so a viewer reads the tables too; but nothing that is
        -- sealed or hashed, whatever else will be added.
        SELECT format('GRANT SELECT ON %s TO meshmill_viewer', c.oid::regclass)
        FROM pg_class AS c
        WHERE c.relnamespace IN ('meshmill'::regnamespace, 'ops'::regnamespace) AND c.relkind IN ('r', 'p', 'v')
          AND c.relname !~ '_(secrets|tokens)$'
        UNION ALL
        SELECT format('GRANT EXECUTE ON ROUTINE %s TO %s', p.oid::regprocedure,
            CASE
                WHEN p.provolatile <> 'v' THEN 'meshmill_viewer'
                WHEN p.pronamespace = 'meshmill'::regnamespace THEN 'meshmill_worker'
                WHEN p.proname = ANY (c_operator) THEN 'meshmill_operator'
                ELSE 'meshmill_admin'
            END)
        FROM pg_proc AS p
        WHERE p.pronamespace IN ('meshmill'::regnamespace, 'ops'::regnamespace)
        UNION ALL
        SELECT format('GRANT %s ON %s TO meshmill_worker',
            CASE
                WHEN c.relname = ANY (c_read_only) THEN 'SELECT'
                WHEN c.relname = ANY (c_append_only) THEN 'SELECT, INSERT'
                ELSE 'SELECT, INSERT, UPDATE, DELETE'
            END, c.oid::regclass)
        FROM pg_class AS c
        WHERE c.relnamespace = 'meshmill'::regnamespace AND c.relkind IN ('r', 'p')
        UNION ALL
        SELECT format('GRANT USAGE ON SEQUENCE %s TO meshmill_worker', c.oid::regclass)
        FROM pg_class AS c
        WHERE c.relnamespace = 'meshmill'::regnamespace AND c.relkind = 'S'
    LOOP
        CONTINUE WHEN to_regrole(substring(v_sql FROM '\S+$')) IS NULL;
        EXECUTE v_sql;
    END LOOP;
END $$;
