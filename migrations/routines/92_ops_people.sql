-- What people read of those who ask, of the workers, and of who did what.

CREATE VIEW ops.tenants AS
SELECT t.name AS tenant,
       CASE WHEN t.paused THEN 'paused' ELSE 'active' END AS status,
       p.name AS pool,
       t.weight,
       coalesce(q.queued, 0) AS queued,
       coalesce(q.scheduled, 0) AS scheduled,
       coalesce(q.in_flight, 0) AS in_flight,
       coalesce(q.capped, false) AS capped,
       t.max_queued,
       t.monthly_budget,
       m.monthly_used,
       m.reserved AS credits_reserved,
       t.virtual_time,
       t.created_at,
       t.id AS tenant_id
FROM meshmill.tenants AS t
JOIN meshmill.tenant_balances AS m ON m.id = t.id
JOIN meshmill.pools AS p ON p.id = t.pool_id
LEFT JOIN (
    SELECT b.tenant_id, sum(c.queued)::bigint AS queued, sum(c.scheduled)::bigint AS scheduled,
           sum(c.in_flight)::bigint AS in_flight, bool_or(c.capped) AS capped
    FROM meshmill.batches AS b
    CROSS JOIN LATERAL meshmill.waiting_counts(b.id, (SELECT meshmill.count_cap())) AS c
    WHERE b.state <> 'finished'
    GROUP BY b.tenant_id
) AS q ON q.tenant_id = t.id;
COMMENT ON VIEW ops.tenants IS 'One row for each tenant: who asks, and which share it gets.';
COMMENT ON COLUMN ops.tenants.tenant IS 'Its name.';
COMMENT ON COLUMN ops.tenants.status IS 'active, or paused: none of its jobs is submitted.';
COMMENT ON COLUMN ops.tenants.pool IS 'Its jobs use the keys of this pool.';
COMMENT ON COLUMN ops.tenants.weight IS 'Share of the slots while others wait too.';
COMMENT ON COLUMN ops.tenants.queued IS 'Jobs that wait for a slot; each batch is counted to 10,000, or less far with many batches.';
COMMENT ON COLUMN ops.tenants.scheduled IS 'Jobs that wait for a time; counted as far.';
COMMENT ON COLUMN ops.tenants.in_flight IS 'Jobs that are being submitted, generated or downloaded; counted as far.';
COMMENT ON COLUMN ops.tenants.capped IS 'True if a count stopped and there may be more.';
COMMENT ON COLUMN ops.tenants.max_queued IS 'Most jobs that may wait at once; a submission beyond it is refused. NULL: no bound.';
COMMENT ON COLUMN ops.tenants.monthly_budget IS 'Cap of credits a month. NULL: none.';
COMMENT ON COLUMN ops.tenants.monthly_used IS 'Credits charged this month.';
COMMENT ON COLUMN ops.tenants.credits_reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN ops.tenants.virtual_time IS 'Service received divided by weight, for fair turns: the least is next.';
COMMENT ON COLUMN ops.tenants.created_at IS 'When it was added.';
COMMENT ON COLUMN ops.tenants.tenant_id IS 'Ours.';

CREATE VIEW ops.workers AS
SELECT w.name AS worker,
       CASE WHEN w.stopped_at IS NOT NULL THEN 'stopped' WHEN w.lease_until > meshmill.clock() THEN 'running' ELSE 'lost' END AS status,
       coalesce(j.jobs, 0) AS jobs,
       w.version,
       w.started_at,
       w.lease_until,
       w.stopped_at,
       w.clock_skew,
       w.id AS worker_id
FROM meshmill.workers AS w
LEFT JOIN (
    SELECT j.worker_id, count(*) AS jobs
    FROM meshmill.jobs AS j
    WHERE j.state IN ('submitting', 'generating', 'downloading')
    GROUP BY j.worker_id
) AS j ON j.worker_id = w.id;
COMMENT ON VIEW ops.workers IS 'One row for each start of a worker.';
COMMENT ON COLUMN ops.workers.worker IS 'Host and process id.';
COMMENT ON COLUMN ops.workers.status IS 'running; stopped in order; lost: it missed its heartbeat, and others adopt its jobs.';
COMMENT ON COLUMN ops.workers.jobs IS 'Jobs that it has in flight.';
COMMENT ON COLUMN ops.workers.version IS 'Version of its binary.';
COMMENT ON COLUMN ops.workers.started_at IS 'When it started.';
COMMENT ON COLUMN ops.workers.lease_until IS 'Until then its jobs are its own.';
COMMENT ON COLUMN ops.workers.stopped_at IS 'When it ended in order. NULL: it runs, or it died.';
COMMENT ON COLUMN ops.workers.clock_skew IS 'How far its host''s clock is ahead of the database''s; nothing depends on it, but over 5 s somebody should look. NULL: not compared.';
COMMENT ON COLUMN ops.workers.worker_id IS 'Random at each start.';

CREATE VIEW ops.audit_log AS
SELECT l.id AS audit_id, l.at, l.who, l.actor, l.what, l.subject, l.before, l.after, l.reason, l.undoes
FROM meshmill.audit_log AS l;
COMMENT ON VIEW ops.audit_log IS 'What people did, by whichever way.';
COMMENT ON COLUMN ops.audit_log.audit_id IS 'Ours; ascending with time.';
COMMENT ON COLUMN ops.audit_log.at IS 'When.';
COMMENT ON COLUMN ops.audit_log.who IS 'The database user.';
COMMENT ON COLUMN ops.audit_log.actor IS 'The person.';
COMMENT ON COLUMN ops.audit_log.what IS 'What was done.';
COMMENT ON COLUMN ops.audit_log.subject IS 'To what.';
COMMENT ON COLUMN ops.audit_log.before IS 'What was so before.';
COMMENT ON COLUMN ops.audit_log.after IS 'What is so since.';
COMMENT ON COLUMN ops.audit_log.reason IS 'Why. NULL: no reason was given.';
COMMENT ON COLUMN ops.audit_log.undoes IS 'The entry that this one took back. NULL: it is no undo.';
