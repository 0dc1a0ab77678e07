-- What is at hand and what was put away, read as one. See 56_retention.sql.

CREATE VIEW meshmill.all_jobs AS
SELECT * FROM meshmill.jobs
UNION ALL
SELECT * FROM meshmill.old_jobs;
COMMENT ON VIEW meshmill.all_jobs IS 'Jobs and old jobs.';

CREATE VIEW meshmill.all_attempts AS
SELECT a.*, NULL::date AS month FROM meshmill.attempts AS a
UNION ALL
SELECT o.* FROM meshmill.old_attempts AS o;
COMMENT ON VIEW meshmill.all_attempts IS 'Attempts of jobs and of old jobs.';

CREATE VIEW meshmill.all_ledger AS
SELECT l.*, NULL::date AS month FROM meshmill.ledger AS l
UNION ALL
SELECT o.* FROM meshmill.old_ledger AS o;
COMMENT ON VIEW meshmill.all_ledger IS 'Entries of the ledger and of the old ledger.';

-- Their columns mean what those of the tables mean.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT v.view, a.attname, col_description(t.oid, a.attnum) AS comment
        FROM (VALUES ('all_jobs', 'old_jobs'), ('all_attempts', 'old_attempts'), ('all_ledger', 'old_ledger')) AS v (view, base)
        JOIN pg_class AS t ON t.relname = v.base AND t.relnamespace = 'meshmill'::regnamespace
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_attribute AS w ON w.attrelid = ('meshmill.' || v.view)::regclass AND w.attname = a.attname
    LOOP
        EXECUTE format('COMMENT ON COLUMN meshmill.%I.%I IS %L', c.view, c.attname, c.comment);
    END LOOP;
END $$;
