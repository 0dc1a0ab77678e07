-- What people read of the credits.

CREATE VIEW ops.ledger AS
SELECT l.id AS entry_id,
       l.at,
       l.kind,
       l.amount,
       k.name AS key,
       o.name AS org,
       t.name AS tenant,
       l.batch_id,
       a.job_id,
       l.attempt_id,
       l.period
FROM meshmill.all_ledger AS l
JOIN meshmill.orgs AS o ON o.id = l.org_id
LEFT JOIN meshmill.keys AS k ON k.id = l.key_id
LEFT JOIN meshmill.tenants AS t ON t.id = l.tenant_id
-- The key and the batch are the entry's own; said again, they tell the planner how few rows this finds.
LEFT JOIN meshmill.all_attempts AS a ON a.id = l.attempt_id AND a.key_id = l.key_id AND a.batch_id = l.batch_id;
COMMENT ON VIEW ops.ledger IS 'One row for each movement of credits; append-only. Narrow it by key, attempt_id, job_id, batch_id or a span of at, and order it by entry_id, which ascends with time.';
COMMENT ON COLUMN ops.ledger.entry_id IS 'Ours; ascending with time.';
COMMENT ON COLUMN ops.ledger.at IS 'When.';
COMMENT ON COLUMN ops.ledger.kind IS 'reserve at claim; charge or release at the answer; refund by the provider; adjust and external: corrections from what the provider reports.';
COMMENT ON COLUMN ops.ledger.amount IS 'Credits.';
COMMENT ON COLUMN ops.ledger.key IS 'Name of the key. NULL: not known.';
COMMENT ON COLUMN ops.ledger.org IS 'Name of the org.';
COMMENT ON COLUMN ops.ledger.tenant IS 'Who asked. NULL: nobody of ours.';
COMMENT ON COLUMN ops.ledger.batch_id IS 'For which batch. NULL: none of ours.';
COMMENT ON COLUMN ops.ledger.job_id IS 'For which job. NULL: none of ours.';
COMMENT ON COLUMN ops.ledger.attempt_id IS 'For which POST. NULL: for none.';
COMMENT ON COLUMN ops.ledger.period IS 'The month that it counts in, by its first day in UTC.';

CREATE VIEW ops.attempts AS
SELECT a.id AS attempt_id,
       a.state AS status,
       a.job_id,
       a.batch_id,
       t.name AS tenant,
       k.name AS key,
       o.name AS org,
       a.claimed_at,
       a.answered_at,
       a.ended_at,
       a.http_status,
       a.generation_id,
       a.credits,
       a.reserved AS is_reserved,
       a.paid_twice,
       a.evidence,
       a.error_code,
       a.error,
       a.expires_at,
       a.probe AS is_probe
FROM meshmill.all_attempts AS a
JOIN meshmill.keys AS k ON k.id = a.key_id
JOIN meshmill.orgs AS o ON o.id = a.org_id
LEFT JOIN meshmill.tenants AS t ON t.id = a.tenant_id;
COMMENT ON VIEW ops.attempts IS 'One row for each POST. Narrow it by key, job_id or attempt_id, or ORDER BY attempt_id DESC LIMIT 100.';
COMMENT ON COLUMN ops.attempts.attempt_id IS 'Ours; ascending with time.';
COMMENT ON COLUMN ops.attempts.status IS 'submitting, generating, completed, failed, refused (answered with an error), unsent (provably never left), or unknown (may have been sent, and no answer came).';
COMMENT ON COLUMN ops.attempts.job_id IS 'For which job.';
COMMENT ON COLUMN ops.attempts.batch_id IS 'Of which batch.';
COMMENT ON COLUMN ops.attempts.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.attempts.key IS 'With which key.';
COMMENT ON COLUMN ops.attempts.org IS 'Whose credits.';
COMMENT ON COLUMN ops.attempts.claimed_at IS 'When its slot was taken, just before it was sent.';
COMMENT ON COLUMN ops.attempts.answered_at IS 'When the answer came. NULL: none came.';
COMMENT ON COLUMN ops.attempts.ended_at IS 'When it ended, in whatever way. NULL: it has not.';
COMMENT ON COLUMN ops.attempts.http_status IS 'Of the answer. NULL: none came.';
COMMENT ON COLUMN ops.attempts.generation_id IS 'The provider''s id. NULL: not accepted, or not known.';
COMMENT ON COLUMN ops.attempts.credits IS 'Credits charged for it, less a refund.';
COMMENT ON COLUMN ops.attempts.is_reserved IS 'True while its credit is reserved: not answered, or in doubt.';
COMMENT ON COLUMN ops.attempts.paid_twice IS 'True if its job was sent again though this POST may have been charged, or its id came too late.';
COMMENT ON COLUMN ops.attempts.evidence IS 'Which counter told whether a POST in doubt was charged; none: a window passed without evidence, and it counts as charged. NULL: it was not in doubt, or still is.';
COMMENT ON COLUMN ops.attempts.error_code IS 'Why it was refused, failed or is unknown; stable words.';
COMMENT ON COLUMN ops.attempts.error IS 'The same for people.';
COMMENT ON COLUMN ops.attempts.expires_at IS 'Until when the provider keeps its result. NULL: not told.';
COMMENT ON COLUMN ops.attempts.is_probe IS 'True if it was sent to see whether the provider, the key or the org works again.';
