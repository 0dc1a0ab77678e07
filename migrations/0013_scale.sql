-- Scale: what keeps claim and settle cheap and flat, and retention.

-- Ordered by an expression that only this index has. By id alone a plan that knows batch and priority walks the primary
-- key instead, past everything that has ended.
DROP INDEX meshmill.jobs_queued;
CREATE INDEX jobs_queued ON meshmill.jobs (batch_id, priority DESC, (id + 0)) WHERE state = 'queued';
COMMENT ON INDEX meshmill.jobs_queued IS 'Claim: the next jobs of a batch, ORDER BY priority DESC, id + 0. Only queued jobs are in it.';

-- Nearly every entry has an attempt and no observation: it need not be in this index.
ALTER TABLE meshmill.ledger DROP CONSTRAINT ledger_observation_id_key;
CREATE UNIQUE INDEX ledger_observation ON meshmill.ledger (observation_id) WHERE observation_id IS NOT NULL;
COMMENT ON INDEX meshmill.ledger_observation IS 'Guard: an observation is booked once.';

CREATE INDEX orgs_parked ON meshmill.orgs (parked_until) WHERE parked_until IS NOT NULL;
COMMENT ON INDEX meshmill.orgs_parked IS 'Waking: orgs that are out of credits, by when they are tried again.';

-- Rows that are rewritten with every POST: cleaned by their number, not by a share of the table, and at once.
ALTER TABLE meshmill.keys SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE meshmill.slots SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE meshmill.orgs SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE meshmill.tenants SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE meshmill.batches SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE meshmill.workers SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE meshmill.attempts SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

-- ---------------------------------------------------------------------------------------------- retention
-- What has ended long ago leaves the tables that claims write for a copy of them by months, which is dropped month by
-- month. A later migration that adds a column to jobs, attempts or ledger adds it to its old_ table as well, at the end.

CREATE TABLE meshmill.old_jobs (LIKE meshmill.jobs INCLUDING COMMENTS) PARTITION BY RANGE (completed_at);
CREATE INDEX old_jobs_id ON meshmill.old_jobs (id);
CREATE INDEX old_jobs_fingerprint ON meshmill.old_jobs (batch_id, fingerprint);
CREATE INDEX old_jobs_state ON meshmill.old_jobs (batch_id, state, id);
COMMENT ON TABLE meshmill.old_jobs IS 'Jobs that ended long ago, by the month of their end. See meshmill.archive_jobs; read both by meshmill.all_jobs.';
COMMENT ON INDEX meshmill.old_jobs_id IS 'Lists and exports: a job by its id.';
COMMENT ON INDEX meshmill.old_jobs_fingerprint IS 'Submit: an equal job of the batch that was put away.';
COMMENT ON INDEX meshmill.old_jobs_state IS 'Counts and lists by batch.';

CREATE TABLE meshmill.old_attempts (LIKE meshmill.attempts INCLUDING COMMENTS, month date NOT NULL) PARTITION BY RANGE (month);
CREATE INDEX old_attempts_id ON meshmill.old_attempts (id);
CREATE INDEX old_attempts_job ON meshmill.old_attempts (job_id, id);
COMMENT ON TABLE meshmill.old_attempts IS 'The POSTs of old_jobs. Read both by meshmill.all_attempts.';
COMMENT ON COLUMN meshmill.old_attempts.month IS 'The month of its job''s end, by its first day.';
COMMENT ON INDEX meshmill.old_attempts_id IS 'Ledger: an attempt by its id.';
COMMENT ON INDEX meshmill.old_attempts_job IS 'Lists: the attempts of a job.';

CREATE TABLE meshmill.old_ledger (LIKE meshmill.ledger INCLUDING COMMENTS, month date NOT NULL) PARTITION BY RANGE (month);
CREATE INDEX old_ledger_attempt ON meshmill.old_ledger (attempt_id, kind);
COMMENT ON TABLE meshmill.old_ledger IS 'The ledger''s entries for old_attempts. Read both by meshmill.all_ledger.';
COMMENT ON COLUMN meshmill.old_ledger.month IS 'The month of its job''s end, by its first day.';
COMMENT ON INDEX meshmill.old_ledger_attempt IS 'Lists: the entries of an attempt.';

CREATE TABLE meshmill.dropped_credits (
    kind meshmill.ledger_kind NOT NULL,
    amount bigint NOT NULL,
    key_id bigint,
    org_id bigint NOT NULL,
    tenant_id bigint,
    batch_id bigint,
    key_month integer NOT NULL,
    period date NOT NULL
);
COMMENT ON TABLE meshmill.dropped_credits IS 'What months of the old ledger came to that were dropped, so that balances still add up.';
COMMENT ON COLUMN meshmill.dropped_credits.kind IS 'charge or refund; reserves and releases cancel out.';
COMMENT ON COLUMN meshmill.dropped_credits.amount IS 'Credits, the sum of the entries.';
COMMENT ON COLUMN meshmill.dropped_credits.key_id IS 'The key.';
COMMENT ON COLUMN meshmill.dropped_credits.org_id IS 'The org.';
COMMENT ON COLUMN meshmill.dropped_credits.tenant_id IS 'The tenant.';
COMMENT ON COLUMN meshmill.dropped_credits.batch_id IS 'The batch.';
COMMENT ON COLUMN meshmill.dropped_credits.key_month IS 'The month of the key that they counted in.';
COMMENT ON COLUMN meshmill.dropped_credits.period IS 'The month, by its first day in UTC, that they counted in.';

ALTER TABLE meshmill.batches ADD COLUMN has_old_jobs boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN meshmill.batches.has_old_jobs IS 'Whether jobs of it are in old_jobs; a new submission brings back those that it names.';

-- Entries only ever move to the old ledger, with their job, and back.
CREATE OR REPLACE FUNCTION meshmill.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('meshmill.moves_ledger', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: correct it with a new entry' USING ERRCODE = 'integrity_constraint_violation';
END $$;
