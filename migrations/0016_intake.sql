-- What a submission costs.

-- Whoever adds a job names its input's format, so that nobody looks for one by its prepared image any more; and each
-- entry went to a random place of this index.
DROP INDEX meshmill.inputs_input;

-- In the order of the key: two submissions of the same jobs at once then meet at the first that both have, and one waits
-- for the other.
CREATE OR REPLACE FUNCTION meshmill.add_fingerprints() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO meshmill.fingerprints (batch_id, fingerprint, job_id)
    SELECT n.batch_id, n.fingerprint, n.id FROM added AS n ORDER BY n.batch_id, n.fingerprint;
    RETURN NULL;
END $$;
