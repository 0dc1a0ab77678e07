/// The schema `interleaving` of a stage: content that can be put back, an outcome in words, and the rules.
enum StageSQL {
    static let text = [patience, stoppedClock, content, outcome, fold, violations].joined(separator: "\n")

    /// Waits are scripted here: whoever waits is meant to, so functions get rid of their lock timeouts.
    private static let patience = """
        DO $$
        DECLARE f regprocedure;
        BEGIN
            FOR f IN SELECT p.oid FROM pg_proc AS p WHERE array_to_string(p.proconfig, ' ') LIKE '%lock_timeout%' LOOP
                EXECUTE format('ALTER FUNCTION %s RESET lock_timeout', f);
            END LOOP;
        END $$;
        CREATE SCHEMA interleaving;
        -- The rules compare with the saved tables, which are not there yet.
        SET check_function_bodies = off;
        """

    /// Only a script moves time: what a busy machine takes for a play is not to end anybody's wait in it.
    private static let stoppedClock = """
        DO $$
        BEGIN
            EXECUTE format('CREATE OR REPLACE FUNCTION meshmill.clock() RETURNS timestamptz LANGUAGE plpgsql STABLE AS %L',
                format('BEGIN RETURN %L::timestamptz + (SELECT o.shift FROM meshmill.clock_offset AS o); END', meshmill.clock()));
        END $$;
        """

    /// save() writes the function restore() with the tables of the moment in it.
    private static let content = """
        CREATE FUNCTION interleaving.save() RETURNS void LANGUAGE plpgsql AS $save$
        DECLARE
            t record;
            s record;
            n bigint;
            body text := '';
        BEGIN
            FOR t IN
                SELECT c.relname AS name,
                       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
                FROM pg_class AS c
                WHERE c.relnamespace = 'meshmill'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            LOOP
                EXECUTE format('CREATE TABLE interleaving.%I AS TABLE meshmill.%I', t.name, t.name);
                body := body || format('DELETE FROM meshmill.%I; ', t.name);
                EXECUTE format('SELECT count(*) FROM interleaving.%I', t.name) INTO n;
                IF n > 0 THEN
                    body := body || format('INSERT INTO meshmill.%1$I (%2$s) OVERRIDING SYSTEM VALUE '
                        'SELECT %2$s FROM interleaving.%1$I; ', t.name, t.columns);
                END IF;
            END LOOP;
            FOR s IN SELECT q.sequencename AS name, q.last_value FROM pg_sequences AS q
                WHERE q.schemaname = 'meshmill' AND q.last_value IS NOT NULL
            LOOP
                body := body || format('PERFORM setval(%L, %s); ', 'meshmill.' || s.name, s.last_value);
            END LOOP;
            EXECUTE format('CREATE OR REPLACE FUNCTION interleaving.restore() RETURNS void LANGUAGE plpgsql AS %L',
                'BEGIN ' || body || 'END');
        END $save$;
        """
}
