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

CREATE FUNCTION ops.quarantine_key(key text, reason text DEFAULT NULL) RETURNS timestamptz
    LANGUAGE plpgsql
AS $$
DECLARE
    v_key meshmill.keys;
    v_until timestamptz;
BEGIN
    SELECT * INTO v_key FROM meshmill.keys AS k WHERE k.name = quarantine_key.key AND k.state <> 'removed' FOR NO KEY UPDATE;
    IF v_key.id IS NULL THEN
        RAISE EXCEPTION 'there is no key %', quarantine_key.key
            USING ERRCODE = 'no_data_found', HINT = 'see: SELECT key FROM ops.keys';
    END IF;
    PERFORM meshmill.quarantine_keys(ARRAY[v_key.id], quarantine_key.reason);
    SELECT k.blocked_until INTO v_until FROM meshmill.keys AS k WHERE k.id = v_key.id;
    PERFORM meshmill.audit('quarantine_key', v_key.name, to_jsonb(v_key.blocked_until), to_jsonb(v_until), quarantine_key.reason);
    RETURN v_until;
END $$;
COMMENT ON FUNCTION ops.quarantine_key(text, text) IS 'Sends nothing with a key for one window, since others may have used it in ways that our log does not know. Returns until when.';

CREATE FUNCTION ops.quarantine_all_keys(reason text DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql
AS $$
DECLARE
    v_keys integer := meshmill.quarantine_keys(NULL, quarantine_all_keys.reason);
BEGIN
    PERFORM meshmill.audit('quarantine_all_keys', 'all keys', NULL, to_jsonb(v_keys), quarantine_all_keys.reason);
    RETURN v_keys;
END $$;
COMMENT ON FUNCTION ops.quarantine_all_keys(text) IS 'Sends nothing with any key for one window, as after a restore from a backup. Returns how many keys.';

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
