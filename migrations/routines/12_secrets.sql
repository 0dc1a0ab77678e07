-- Sealed secrets: a key's new one, and the rotation of the master key. What is sealed here was sealed by the process
-- that calls; the database never sees a secret.

CREATE FUNCTION meshmill.rotate_key(p_key bigint, p_fingerprint text, p_master_key text, p_sealed bytea, p_reason text)
    RETURNS text
    LANGUAGE plpgsql
AS $$
DECLARE
    v_name text;
    v_before text;
BEGIN
    -- A key that the old secret's end disabled is tried again; a pause is a person's and stays.
    UPDATE meshmill.keys AS k
    SET state = CASE k.state WHEN 'disabled' THEN 'active' ELSE k.state END,
        state_reason = CASE k.state WHEN 'disabled' THEN NULL ELSE k.state_reason END,
        probe_at = CASE k.state WHEN 'disabled' THEN NULL ELSE k.probe_at END,
        probe_times = CASE k.state WHEN 'disabled' THEN 0 ELSE k.probe_times END
    WHERE k.id = p_key AND k.state <> 'removed'
    RETURNING k.name INTO v_name;
    IF v_name IS NULL THEN
        RAISE EXCEPTION 'there is no key number %', p_key USING ERRCODE = 'no_data_found';
    END IF;
    SELECT s.fingerprint INTO v_before FROM meshmill.key_secrets AS s WHERE s.key_id = p_key FOR NO KEY UPDATE;
    INSERT INTO meshmill.key_secrets AS s (key_id, fingerprint, master_key_id, sealed)
    VALUES (p_key, p_fingerprint, p_master_key, p_sealed)
    ON CONFLICT (key_id) DO UPDATE
    SET fingerprint = excluded.fingerprint, master_key_id = excluded.master_key_id, sealed = excluded.sealed;
    UPDATE meshmill.installation SET secrets_version = secrets_version + 1;
    PERFORM meshmill.audit('rotate_key', v_name, jsonb_build_object('fingerprint', left(v_before, 6)),
        jsonb_build_object('fingerprint', left(p_fingerprint, 6)), p_reason);
    PERFORM pg_notify('meshmill_jobs', '');
    RETURN v_name;
END $$;
COMMENT ON FUNCTION meshmill.rotate_key(bigint, text, text, bytea, text) IS 'Gives a key another secret, which comes sealed; its name, history, windows and quota stay. Returns its name.';

CREATE FUNCTION meshmill.begin_rewrap(p_from text, p_to text, p_sealed bytea, p_reason text)
    RETURNS TABLE (to_id text, sealed bytea)
    LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO meshmill.master_key_secrets AS m (to_id, from_id, sealed) VALUES (p_to, p_from, p_sealed)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        UPDATE meshmill.installation SET secrets_version = secrets_version + 1;
        PERFORM meshmill.audit('begin_rewrap', 'master key', jsonb_build_object('master_key', p_from),
            jsonb_build_object('master_key', p_to), p_reason);
    END IF;
    RETURN QUERY SELECT m.to_id, m.sealed FROM meshmill.master_key_secrets AS m WHERE m.finished_at IS NULL;
END $$;
COMMENT ON FUNCTION meshmill.begin_rewrap(text, text, bytea, text) IS 'Begins a rotation of the master key, or finds the one that is under way: the new key''s id, and the key sealed by the old one.';

CREATE FUNCTION meshmill.finish_rewrap(p_from text, p_to text, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    v_left bigint;
BEGIN
    -- No key is taken in meanwhile, which would be sealed by the old one.
    PERFORM pg_advisory_xact_lock(hashtextextended('meshmill.key_import', 0));
    SELECT count(*) INTO v_left FROM meshmill.key_secrets AS s WHERE s.master_key_id NOT IN (p_to, '');
    IF v_left = 0 THEN
        UPDATE meshmill.installation SET master_key_id = p_to, secrets_version = secrets_version + 1;
        UPDATE meshmill.master_key_secrets SET finished_at = meshmill.clock() WHERE to_id = p_to;
        PERFORM meshmill.audit('finish_rewrap', 'master key', jsonb_build_object('master_key', p_from),
            jsonb_build_object('master_key', p_to), p_reason);
    END IF;
    RETURN v_left;
END $$;
COMMENT ON FUNCTION meshmill.finish_rewrap(text, text, text) IS 'Ends a rotation if no secret is left that another master key sealed; returns how many are left.';

CREATE FUNCTION meshmill.give_up_master_key(p_id text, p_reason text) RETURNS boolean
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('meshmill.key_import', 0));
    IF EXISTS (SELECT 1 FROM meshmill.keys AS k WHERE k.state <> 'removed')
        -- A worker that began before it was lost may still be able to bring these home.
        OR EXISTS (SELECT 1 FROM meshmill.attempts AS a WHERE a.state IN ('submitting', 'generating') AND a.id > 0) THEN
        RETURN false;
    END IF;
    UPDATE meshmill.installation SET master_key_id = NULL, secrets_version = secrets_version + 1 WHERE master_key_id = p_id;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- Nobody opens them any more. What tells that a secret is known stays: a key that comes back keeps its windows.
    UPDATE meshmill.key_secrets SET sealed = '', master_key_id = '';
    DELETE FROM meshmill.master_key_secrets;
    PERFORM meshmill.audit('give_up_master_key', 'master key', jsonb_build_object('master_key', p_id), NULL, p_reason);
    RETURN true;
END $$;
COMMENT ON FUNCTION meshmill.give_up_master_key(text, text) IS 'Lets another master key take the place of one that is lost, if every key that it seals is removed; returns whether it did.';

CREATE FUNCTION meshmill.forget_master_keys() RETURNS integer
    LANGUAGE plpgsql
AS $$
DECLARE
    v_forgotten integer;
BEGIN
    DELETE FROM meshmill.master_key_secrets AS m
    WHERE m.finished_at IS NOT NULL
      AND NOT EXISTS (
          SELECT 1 FROM meshmill.workers AS w
          WHERE w.stopped_at IS NULL AND w.lease_until > meshmill.clock() AND w.started_at <= m.finished_at);
    GET DIAGNOSTICS v_forgotten = ROW_COUNT;
    RETURN v_forgotten;
END $$;
COMMENT ON FUNCTION meshmill.forget_master_keys() IS 'Drops what let workers of before a rotation of the master key go on, once they have all ended; returns how many rows.';
