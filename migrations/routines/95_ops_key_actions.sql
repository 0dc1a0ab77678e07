-- What people do to keys: each keeps every rule and writes the audit log.

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
