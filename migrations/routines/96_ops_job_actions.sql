-- What people do to jobs and batches: each keeps every rule and writes the audit log.

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

CREATE FUNCTION ops.open_batch(batch bigint, reason text DEFAULT NULL) RETURNS text LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_batch_paused(batch, false, reason); END;
COMMENT ON FUNCTION ops.open_batch(bigint, text) IS 'Opens a paused batch again and leaves its held jobs held; ops.release_batch queues them too. Returns its status.';

CREATE FUNCTION ops.find_jobs(
    status text[] DEFAULT NULL,
    error_code text DEFAULT NULL,
    batch bigint[] DEFAULT NULL,
    tenant text DEFAULT NULL,
    key text DEFAULT NULL,
    source text DEFAULT NULL,
    max_jobs bigint DEFAULT 1000000
) RETURNS SETOF bigint LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.job_id FROM meshmill.find_jobs(status, error_code, batch, tenant, key, source, max_jobs) AS f;
END;
COMMENT ON FUNCTION ops.find_jobs(text[], text, bigint[], text, text, text, bigint) IS 'Ids of jobs by status, error code, batches, tenant, newest key and path of the source (with * and ?), for the functions that act: SELECT ops.retry(ARRAY(SELECT ops.find_jobs(status => ''{failed}'', batch => ''{7}'')))';

CREATE FUNCTION ops.act_on_jobs(action text, jobs bigint[], reason text DEFAULT NULL) RETURNS SETOF bigint LANGUAGE sql
BEGIN ATOMIC SELECT unnest(meshmill.move_jobs(action, jobs, reason)); END;
COMMENT ON FUNCTION ops.act_on_jobs(text, bigint[], text) IS 'retry, cancel, hold or release; returns which of the jobs it applied to.';

CREATE FUNCTION ops.set_priority(jobs bigint[], priority integer, reason text DEFAULT NULL) RETURNS SETOF bigint LANGUAGE sql
BEGIN ATOMIC SELECT unnest(meshmill.set_priority(jobs, priority::smallint, reason)); END;
COMMENT ON FUNCTION ops.set_priority(bigint[], integer, text) IS 'Gives waiting jobs another priority (higher goes first inside their tenant); returns which those were.';

CREATE FUNCTION ops.give_jobs(jobs bigint[], tenant text, reason text DEFAULT NULL) RETURNS SETOF bigint LANGUAGE sql
BEGIN ATOMIC SELECT unnest(meshmill.give_jobs(jobs, tenant, reason)); END;
COMMENT ON FUNCTION ops.give_jobs(bigint[], text, text) IS 'Moves waiting jobs to another tenant, into its batch with the same output folder; returns which those were. What they cost so far stays with who paid.';
