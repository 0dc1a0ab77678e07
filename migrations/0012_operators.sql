-- Operators and admins: bounds of a tenant's queue, and actions that can be undone. Their roles, views and functions
-- are in routines/.

ALTER TABLE meshmill.tenants ADD COLUMN max_queued bigint CONSTRAINT max_queued_positive CHECK (max_queued >= 1);
COMMENT ON COLUMN meshmill.tenants.max_queued IS 'Most jobs of it that may wait at once, queued or scheduled; a submission beyond it is refused. NULL: no bound.';

ALTER TABLE meshmill.audit_log ADD COLUMN undoes bigint CONSTRAINT undone_once UNIQUE REFERENCES meshmill.audit_log;
COMMENT ON COLUMN meshmill.audit_log.undoes IS 'The entry that this one takes back; an entry is taken back at most once. NULL: it is no undo.';

CREATE INDEX audit_log_subject ON meshmill.audit_log (subject, id);
COMMENT ON INDEX meshmill.audit_log_subject IS 'Who did what to this key, tenant or batch.';

ALTER TABLE meshmill.installation ADD COLUMN secrets_version bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN meshmill.installation.secrets_version IS 'Grows when a sealed secret or the master key changes; workers then forget what they had opened.';

CREATE TABLE meshmill.master_key_secrets (
    to_id text PRIMARY KEY,
    from_id text NOT NULL,
    sealed bytea NOT NULL,
    began_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX one_rewrap_at_a_time ON meshmill.master_key_secrets ((true)) WHERE finished_at IS NULL;
COMMENT ON TABLE meshmill.master_key_secrets IS 'Rotations of the master key: the new one, sealed by the old one, so that workers with the old one go on. A row goes when every worker from before it has ended.';
COMMENT ON INDEX meshmill.one_rewrap_at_a_time IS 'Guard: at most one rotation is under way.';
COMMENT ON COLUMN meshmill.master_key_secrets.to_id IS 'Fingerprint of the new master key.';
COMMENT ON COLUMN meshmill.master_key_secrets.from_id IS 'Fingerprint of the old one, which opens the row.';
COMMENT ON COLUMN meshmill.master_key_secrets.sealed IS 'The new master key, sealed by the old one: nonce, ciphertext, tag.';
COMMENT ON COLUMN meshmill.master_key_secrets.began_at IS 'When the rotation began.';
COMMENT ON COLUMN meshmill.master_key_secrets.finished_at IS 'When the last secret was sealed anew. NULL: the rotation is under way, and keys rewrap goes on with it.';
