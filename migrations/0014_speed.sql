-- What claim, settle and submit cost.

-- In PL/pgSQL, whose plans are kept: an SQL function with a subquery is planned at each call.
CREATE OR REPLACE FUNCTION meshmill.clock() RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN statement_timestamp() + (SELECT o.shift FROM meshmill.clock_offset AS o);
END $$;

-- A job's row is written anew at each of its moves, and each index of it with it. What finds equal jobs never changes:
-- it stands in a table of its own, which only submissions touch.
CREATE TABLE meshmill.fingerprints (
    batch_id bigint NOT NULL,
    fingerprint uuid NOT NULL,
    job_id bigint NOT NULL,
    PRIMARY KEY (batch_id, fingerprint)
);
COMMENT ON TABLE meshmill.fingerprints IS 'The jobs of a batch by what they are made of: equal image and parameters in a batch are one job. Kept by triggers of jobs.';
COMMENT ON COLUMN meshmill.fingerprints.batch_id IS 'The job''s batch.';
COMMENT ON COLUMN meshmill.fingerprints.fingerprint IS 'The job''s fingerprint.';
COMMENT ON COLUMN meshmill.fingerprints.job_id IS 'The job.';
INSERT INTO meshmill.fingerprints (batch_id, fingerprint, job_id)
SELECT j.batch_id, j.fingerprint, j.id FROM meshmill.jobs AS j ORDER BY j.batch_id, j.fingerprint;
DROP INDEX meshmill.jobs_fingerprint;

CREATE FUNCTION meshmill.add_fingerprints() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO meshmill.fingerprints (batch_id, fingerprint, job_id) SELECT n.batch_id, n.fingerprint, n.id FROM added AS n;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION meshmill.add_fingerprints() IS 'Trigger: new jobs can be found by their fingerprint; a second equal one in a batch is refused.';
CREATE TRIGGER jobs_added AFTER INSERT ON meshmill.jobs
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION meshmill.add_fingerprints();

CREATE FUNCTION meshmill.remove_fingerprints() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM meshmill.fingerprints AS f
    USING removed AS r WHERE f.batch_id = r.batch_id AND f.fingerprint = r.fingerprint;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION meshmill.remove_fingerprints() IS 'Trigger: jobs that are put away are no longer found by their fingerprint.';
CREATE TRIGGER jobs_removed AFTER DELETE ON meshmill.jobs
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION meshmill.remove_fingerprints();

CREATE FUNCTION meshmill.move_fingerprint() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE meshmill.fingerprints AS f SET batch_id = new.batch_id, fingerprint = new.fingerprint
    WHERE f.batch_id = old.batch_id AND f.fingerprint = old.fingerprint;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION meshmill.move_fingerprint() IS 'Trigger: a job that is given to another batch is found there.';
CREATE TRIGGER jobs_moved AFTER UPDATE OF batch_id, fingerprint ON meshmill.jobs
    FOR EACH ROW EXECUTE FUNCTION meshmill.move_fingerprint();

-- A new version of a row beside the old one costs half of what one on another page costs, and the next move finds the
-- old one's place free again.
ALTER TABLE meshmill.jobs SET (fillfactor = 50);
ALTER TABLE meshmill.attempts SET (fillfactor = 50);
ALTER TABLE meshmill.orgs SET (fillfactor = 50);

-- Every claim writes its tenant's and its batch's row, one claim after another. Answers that come meanwhile do not
-- queue up with them; see 35_balances.sql.
CREATE TABLE meshmill.pending_balances (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id bigint,
    batch_id bigint,
    period date,
    reserved bigint NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT tenant_or_batch CHECK ((tenant_id IS NULL) <> (batch_id IS NULL)),
    CONSTRAINT tenant_has_period CHECK ((tenant_id IS NULL) = (period IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX pending_balances_tenant ON meshmill.pending_balances (tenant_id) WHERE tenant_id IS NOT NULL;
CREATE INDEX pending_balances_batch ON meshmill.pending_balances (batch_id) WHERE batch_id IS NOT NULL;
COMMENT ON TABLE meshmill.pending_balances IS 'What answers changed in the balances of a tenant or a batch whose row was busy; whoever locks that row next adds it. Read balances by tenant_balances and batch_balances.';
COMMENT ON INDEX meshmill.pending_balances_tenant IS 'Claim: what is pending for a tenant.';
COMMENT ON INDEX meshmill.pending_balances_batch IS 'Claim: what is pending for a batch.';
COMMENT ON COLUMN meshmill.pending_balances.id IS 'Ours.';
COMMENT ON COLUMN meshmill.pending_balances.tenant_id IS 'Whose balance, or NULL.';
COMMENT ON COLUMN meshmill.pending_balances.batch_id IS 'Whose balance, or NULL.';
COMMENT ON COLUMN meshmill.pending_balances.period IS 'A tenant''s month that used counts in, by its first day. NULL for a batch.';
COMMENT ON COLUMN meshmill.pending_balances.reserved IS 'To be added to reserved.';
COMMENT ON COLUMN meshmill.pending_balances.used IS 'To be added to the credits used.';
