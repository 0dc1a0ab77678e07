-- What people do to jobs and batches: each keeps every rule and writes the audit log.

CREATE FUNCTION ops.retry(jobs bigint[], reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.act_on_jobs('retry', jobs, reason); END;
COMMENT ON FUNCTION ops.retry(bigint[], text) IS 'Runs failed, cancelled and held jobs again with fresh attempts; returns how many.';

CREATE FUNCTION ops.cancel(jobs bigint[], reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.act_on_jobs('cancel', jobs, reason); END;
COMMENT ON FUNCTION ops.cancel(bigint[], text) IS 'Cancels jobs that have not ended; returns how many. Credits already spent stay spent.';

CREATE FUNCTION ops.hold(jobs bigint[], reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.act_on_jobs('hold', jobs, reason); END;
COMMENT ON FUNCTION ops.hold(bigint[], text) IS 'Holds queued and scheduled jobs until they are released; returns how many.';

CREATE FUNCTION ops.release(jobs bigint[], reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.act_on_jobs('release', jobs, reason); END;
COMMENT ON FUNCTION ops.release(bigint[], text) IS 'Queues held jobs with fresh attempts; returns how many.';

CREATE FUNCTION ops.retry_batch(batch bigint, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.act_on_batch('retry', batch, NULL, reason); END;
COMMENT ON FUNCTION ops.retry_batch(bigint, text) IS 'Runs the failed and cancelled jobs of a batch again; returns how many.';

CREATE FUNCTION ops.cancel_batch(batch bigint, reason text DEFAULT NULL) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.act_on_batch('cancel', batch, NULL, reason); END;
COMMENT ON FUNCTION ops.cancel_batch(bigint, text) IS 'Cancels the jobs of a batch that have not ended; returns how many.';

CREATE FUNCTION ops.hold_batch(batch bigint, reason text DEFAULT NULL) RETURNS text LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_batch_paused(batch, true, reason); END;
COMMENT ON FUNCTION ops.hold_batch(bigint, text) IS 'Pauses a batch: none of its jobs is submitted; what is in flight goes on. Returns its status.';

CREATE FUNCTION ops.release_batch(batch bigint, reason text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM meshmill.set_batch_paused(batch, false, reason);
    RETURN meshmill.act_on_batch('release', batch, NULL, reason);
END $$;
COMMENT ON FUNCTION ops.release_batch(bigint, text) IS 'Opens a paused batch again and queues its held jobs; returns how many.';
