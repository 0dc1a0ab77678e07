extension ObserverSchema {
    /// Remembers what the migrations left in the tables, and makes two functions that bring it back.
    ///
    /// Plans are most of what a statement costs, and whatever gives a table a new file or new statistics makes every
    /// session plan anew: so `clear`, between two seeds, deletes rows, and only `renew`, now and then, truncates. Both
    /// belong on a session of their own with `session_replication_role = replica`, for setting that forgets plans too.
    /// For the same reason, and since a seed must repeat exactly, no autovacuum comes near these tables.
    static let baseline = """
        DO $$
        DECLARE
            v_table record;
            v_columns text;
            v_filled boolean;
            v_tables text;
            v_deletes text := '';
            v_inserts text := '';
            v_updates text := '';
            v_sequences text := '';
        BEGIN
            FOR v_table IN
                SELECT c.oid, c.relname AS name
                FROM pg_class AS c
                WHERE c.relnamespace = 'meshmill'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migrations'
                ORDER BY c.oid
            LOOP
                EXECUTE format('ALTER TABLE meshmill.%I SET (autovacuum_enabled = off)', v_table.name);
                v_tables := concat_ws(', ', v_tables, format('meshmill.%I', v_table.name));
                v_deletes := v_deletes || format('DELETE FROM meshmill.%I;', v_table.name);
                SELECT v_sequences || coalesce(string_agg(format('PERFORM setval(%L, coalesce((SELECT max(%I) FROM '
                    || 'meshmill.%I), 0) + 1, false);', pg_get_serial_sequence('meshmill.' || v_table.name, a.attname),
                    a.attname, v_table.name), ''), '')
                INTO v_sequences
                FROM pg_attribute AS a
                WHERE a.attrelid = v_table.oid AND a.attidentity <> '';
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM meshmill.%I)', v_table.name) INTO v_filled;
                CONTINUE WHEN NOT v_filled;
                EXECUTE format('CREATE TABLE observer.%I AS TABLE meshmill.%I', 'base_' || v_table.name, v_table.name);
                v_inserts := v_inserts || format('INSERT INTO meshmill.%I OVERRIDING SYSTEM VALUE '
                    || 'SELECT * FROM observer.%I;', v_table.name, 'base_' || v_table.name);
                -- Instants and months of the migration are those of the run instead.
                SELECT string_agg(format('%I = DEFAULT', a.attname), ', ') INTO v_columns
                FROM pg_attribute AS a
                JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = v_table.oid AND pg_get_expr(d.adbin, d.adrelid) LIKE '%clock()%';
                IF v_columns IS NOT NULL THEN
                    v_updates := v_updates || format('UPDATE meshmill.%I SET %s;', v_table.name, v_columns);
                END IF;
            END LOOP;
            EXECUTE format(
                'CREATE FUNCTION observer.clear() RETURNS void LANGUAGE plpgsql AS %L',
                'BEGIN ' || v_deletes || 'DELETE FROM observer.changes;'
                    || v_inserts || v_updates || v_sequences || ' END');
            EXECUTE format(
                'CREATE FUNCTION observer.renew() RETURNS void LANGUAGE plpgsql AS %L',
                format('BEGIN TRUNCATE observer.changes, %s RESTART IDENTITY; PERFORM observer.clear(); END', v_tables));
        END $$;

        """
}
