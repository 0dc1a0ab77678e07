-- Makes room for the current definitions: drops every view and function of Meshmill but those that a table's default
-- or trigger uses (meshmill.clock() and the like, which belong to the migrations). `meshmill migrate` runs this before
-- new migrations too, so that they meet tables and nothing else.
DO $$
DECLARE
    v_views text := (
        SELECT string_agg(c.oid::regclass::text, ', ')
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('meshmill', 'ops') AND c.relkind = 'v');
    v_routines text;
    v_foreign text := (
        -- Views elsewhere that read ops: whoever made them drops them, and makes them anew afterwards.
        SELECT string_agg(DISTINCT r.ev_class::regclass::text, ', ')
        FROM pg_depend AS d
        JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        JOIN pg_class AS c ON c.oid = r.ev_class AND c.relnamespace NOT IN ('meshmill'::regnamespace, 'ops'::regnamespace)
        JOIN pg_class AS u ON d.refclassid = 'pg_class'::regclass AND u.oid = d.refobjid AND u.relkind = 'v'
            AND u.relnamespace IN ('meshmill'::regnamespace, 'ops'::regnamespace));
BEGIN
    IF v_foreign IS NOT NULL THEN
        RAISE EXCEPTION 'views of other schemas read ops: %', v_foreign
            USING HINT = 'drop them, migrate, and make them anew';
    END IF;
    IF v_views IS NOT NULL THEN
        EXECUTE 'DROP VIEW ' || v_views || ' CASCADE';  -- and the functions that name their rows
    END IF;
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO v_routines
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('meshmill', 'ops')
      AND NOT EXISTS (
          SELECT 1 FROM pg_depend AS d
          WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
            AND d.classid IN ('pg_attrdef'::regclass, 'pg_trigger'::regclass, 'pg_constraint'::regclass,
                'pg_class'::regclass));
    IF v_routines IS NOT NULL THEN
        EXECUTE 'DROP ROUTINE ' || v_routines;
    END IF;
END $$;
