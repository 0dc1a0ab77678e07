-- Operators and admins: bounds of a tenant's queue, and actions that can be undone. Their roles, views and functions
-- are in routines/.

ALTER TABLE meshmill.tenants ADD COLUMN max_queued bigint CONSTRAINT max_queued_positive CHECK (max_queued >= 1);
COMMENT ON COLUMN meshmill.tenants.max_queued IS 'Most jobs of it that may wait at once, queued or scheduled; a submission beyond it is refused. NULL: no bound.';

ALTER TABLE meshmill.audit_log ADD COLUMN undoes bigint CONSTRAINT undone_once UNIQUE REFERENCES meshmill.audit_log;
COMMENT ON COLUMN meshmill.audit_log.undoes IS 'The entry that this one takes back; an entry is taken back at most once. NULL: it is no undo.';

CREATE INDEX audit_log_subject ON meshmill.audit_log (subject, id);
COMMENT ON INDEX meshmill.audit_log_subject IS 'Who did what to this key, tenant or batch.';
