-- What the views for operators need, so that each answers at once over millions of jobs. Nothing of it is written by a
-- claim or a settle: old tables are filled by retention, and a batch is counted when housekeeping closes it.

CREATE INDEX old_ledger_id ON meshmill.old_ledger (id);
COMMENT ON INDEX meshmill.old_ledger_id IS 'ops.ledger: the newest entries first.';
CREATE INDEX old_ledger_batch ON meshmill.old_ledger (batch_id, id);
COMMENT ON INDEX meshmill.old_ledger_batch IS 'ops.ledger: the entries of a batch.';
-- A batch's entries lie close to each other as well: one index of ranges serves both, and costs an entry nothing more.
DROP INDEX meshmill.ledger_at;
CREATE INDEX ledger_at ON meshmill.ledger USING brin (at, batch_id) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX meshmill.ledger_at IS 'Reports over a span of time, or of a batch.';
CREATE INDEX old_ledger_at ON meshmill.old_ledger USING brin (at, batch_id) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX meshmill.old_ledger_at IS 'Reports over a span of time, or of a batch.';
CREATE INDEX old_attempts_key ON meshmill.old_attempts (key_id, id);
COMMENT ON INDEX meshmill.old_attempts_key IS 'ops.attempts and ops.jobs: the POSTs of a key.';

ALTER TABLE meshmill.batches
    ADD COLUMN counted_completed bigint,
    ADD COLUMN counted_failed bigint,
    ADD COLUMN counted_cancelled bigint,
    ADD COLUMN counted_held bigint,
    ADD CONSTRAINT counted_as_a_whole CHECK (num_nulls(counted_completed, counted_failed, counted_cancelled, counted_held) IN (0, 4));
COMMENT ON COLUMN meshmill.batches.counted_completed IS 'Completed jobs, counted when it was finished; holds while it is. NULL, here and below: not counted, the views count.';
COMMENT ON COLUMN meshmill.batches.counted_failed IS 'Failed jobs at that time.';
COMMENT ON COLUMN meshmill.batches.counted_cancelled IS 'Cancelled jobs at that time.';
COMMENT ON COLUMN meshmill.batches.counted_held IS 'Held jobs at that time.';
