-- What people call: each keeps every rule and writes the audit log.

-- ---------------------------------------------------------------------------------------------- acting on keys

CREATE FUNCTION ops.pause_key(key text, until timestamptz DEFAULT NULL, reason text DEFAULT NULL) RETURNS text
    LANGUAGE sql
BEGIN ATOMIC
    SELECT k.state::text
    FROM meshmill.change_key(key, jsonb_build_object('state', 'paused', 'paused_until', until), 'pause_key', reason) AS k;
END;
COMMENT ON FUNCTION ops.pause_key(text, timestamptz, text) IS 'Sends no new POST with a key until a time, or until it is resumed. Generations under way go on. Returns its status.';

CREATE FUNCTION ops.resume_key(key text, reason text DEFAULT NULL) RETURNS text
    LANGUAGE sql
BEGIN ATOMIC
    SELECT k.state::text FROM meshmill.change_key(key, '{"state": "active"}', 'resume_key', reason) AS k;
END;
COMMENT ON FUNCTION ops.resume_key(text, text) IS 'Makes a paused, draining, parked or disabled key active again. Its slots and holds stay as they are. Returns its status.';

CREATE FUNCTION ops.drain_key(key text, reason text DEFAULT NULL) RETURNS text
    LANGUAGE sql
BEGIN ATOMIC
    SELECT k.state::text FROM meshmill.change_key(key, '{"state": "draining"}', 'drain_key', reason) AS k;
END;
COMMENT ON FUNCTION ops.drain_key(text, text) IS 'Sends no new POST with a key that is to be removed; generations under way are brought home. Returns its status.';

CREATE FUNCTION ops.remove_key(key text, reason text DEFAULT NULL) RETURNS text
    LANGUAGE sql
BEGIN ATOMIC
    SELECT k.state::text FROM meshmill.change_key(key, '{"state": "removed"}', 'remove_key', reason) AS k;
END;
COMMENT ON FUNCTION ops.remove_key(text, text) IS 'Takes a key out of use for good and frees its name. Its history stays, and generations under way are brought home. Importing its secret brings it back. Returns its status.';

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

CREATE FUNCTION ops.stop_submitting(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_submitting(false, reason); END;
COMMENT ON FUNCTION ops.stop_submitting(text) IS 'Stops every new POST of every worker within two seconds; polls and downloads go on. False if it was so already.';

CREATE FUNCTION ops.start_submitting(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_submitting(true, reason); END;
COMMENT ON FUNCTION ops.start_submitting(text) IS 'Allows new POSTs again. False if it was so already.';

CREATE FUNCTION ops.reset_breaker(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.reset_breaker(reason); END;
COMMENT ON FUNCTION ops.reset_breaker(text) IS 'Closes the breaker at once, so that POSTs go out as the windows allow. True if it was open.';

CREATE FUNCTION ops.audit(rows integer DEFAULT 100)
    RETURNS TABLE (name text, holds text, ok boolean, violations bigint, findings jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.name, a.holds, a.ok, a.violations, a.findings FROM meshmill.run_audit(rows) AS a;
END;
COMMENT ON FUNCTION ops.audit(integer) IS 'Checks what must always hold: one row a check, with up to so many offending rows each. It reads whole tables.';
