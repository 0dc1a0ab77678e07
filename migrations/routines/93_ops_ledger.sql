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
LEFT JOIN meshmill.all_attempts AS a ON a.id = l.attempt_id;
COMMENT ON VIEW ops.ledger IS 'One row for each movement of credits; append-only.';
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
