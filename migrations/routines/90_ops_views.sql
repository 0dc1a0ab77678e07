-- What people read: views that answer at once, since they count along the partial indexes and stop at a bound.

-- ---------------------------------------------------------------------------------------------- work

CREATE VIEW ops.jobs AS
SELECT j.id AS job_id,
       j.state AS status,
       j.batch_id,
       t.name AS tenant,
       f.custom_id,
       f.source,
       CASE WHEN f.output IS NOT NULL THEN b.out || '/' || f.output END AS output,
       (SELECT count(*) FROM meshmill.outputs AS o WHERE o.job_id = j.id) AS outputs,
       j.priority,
       p.posts AS attempts,
       p.credits,
       k.name AS key,
       a.generation_id,
       j.error_code,
       j.error,
       encode(j.glb_sha256, 'hex') AS sha256,
       j.glb_bytes,
       j.mode,
       j.seed,
       j.decimation_target,
       j.texture_size,
       j.prompt,
       w.name AS worker,
       j.submitted_at,
       j.run_at,
       j.completed_at,
       a.id AS attempt_id
FROM meshmill.jobs AS j
JOIN meshmill.batches AS b ON b.id = j.batch_id
JOIN meshmill.tenants AS t ON t.id = j.tenant_id
LEFT JOIN meshmill.attempts AS a ON a.id = j.attempt_id
LEFT JOIN meshmill.keys AS k ON k.id = a.key_id
LEFT JOIN meshmill.workers AS w ON w.id = j.worker_id AND j.state IN ('submitting', 'generating', 'downloading')
LEFT JOIN LATERAL (
    SELECT o.output, o.source, o.custom_id FROM meshmill.outputs AS o WHERE o.job_id = j.id ORDER BY o.output LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.state <> 'unsent') AS posts, coalesce(sum(c.credits), 0) AS credits
    FROM meshmill.attempts AS c WHERE c.job_id = j.id
) AS p ON true;
COMMENT ON VIEW ops.jobs IS 'One row for each job. Narrow it by job_id, or by batch_id and status: those have indexes.';
COMMENT ON COLUMN ops.jobs.job_id IS 'Ours; ascending with age.';
COMMENT ON COLUMN ops.jobs.status IS 'scheduled (runs at run_at), queued, submitting, generating, downloading, completed, failed, cancelled, or held (waits for a person; see error).';
COMMENT ON COLUMN ops.jobs.batch_id IS 'The batch it belongs to; see ops.batches.';
COMMENT ON COLUMN ops.jobs.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.jobs.custom_id IS 'The manifest''s custom_id. NULL: none.';
COMMENT ON COLUMN ops.jobs.source IS 'Absolute path of the image; of the first one where equal images share the job.';
COMMENT ON COLUMN ops.jobs.output IS 'Absolute path of the GLB; of the first one. NULL: another image took its place.';
COMMENT ON COLUMN ops.jobs.outputs IS 'How many paths get this GLB.';
COMMENT ON COLUMN ops.jobs.priority IS 'Higher goes first inside its tenant.';
COMMENT ON COLUMN ops.jobs.attempts IS 'POSTs ever sent for it.';
COMMENT ON COLUMN ops.jobs.credits IS 'Credits charged for it, less refunds.';
COMMENT ON COLUMN ops.jobs.key IS 'Name of the key of its newest POST. NULL: none was sent.';
COMMENT ON COLUMN ops.jobs.generation_id IS 'The provider''s id of its newest POST. NULL: not accepted, or not known.';
COMMENT ON COLUMN ops.jobs.error_code IS 'Why it failed, is held or waits; stable words. NULL: nothing to say.';
COMMENT ON COLUMN ops.jobs.error IS 'The same for people.';
COMMENT ON COLUMN ops.jobs.sha256 IS 'SHA-256 of the verified GLB, hexadecimal. NULL: not completed.';
COMMENT ON COLUMN ops.jobs.glb_bytes IS 'Size of the GLB in bytes.';
COMMENT ON COLUMN ops.jobs.mode IS 'fast, standard or detailed.';
COMMENT ON COLUMN ops.jobs.seed IS 'The same seed and image give the same mesh.';
COMMENT ON COLUMN ops.jobs.decimation_target IS 'Wanted triangles.';
COMMENT ON COLUMN ops.jobs.texture_size IS 'Wanted texture size in pixels.';
COMMENT ON COLUMN ops.jobs.prompt IS 'Text that guides the mesh. NULL: none.';
COMMENT ON COLUMN ops.jobs.worker IS 'Host and process of the worker that has it in flight. NULL: it is not in flight.';
COMMENT ON COLUMN ops.jobs.submitted_at IS 'When it was submitted.';
COMMENT ON COLUMN ops.jobs.run_at IS 'When a scheduled job is queued again.';
COMMENT ON COLUMN ops.jobs.completed_at IS 'When it ended, in whatever way. NULL: it has not.';
COMMENT ON COLUMN ops.jobs.attempt_id IS 'Its newest attempt. NULL: never claimed.';

CREATE VIEW ops.batches AS
SELECT b.id AS batch_id,
       CASE WHEN b.state = 'open' AND b.doubted_at IS NOT NULL THEN 'paused' ELSE b.state END AS status,
       t.name AS tenant,
       b.out,
       c.queued, c.scheduled, c.submitting, c.generating, c.downloading, c.completed, c.failed, c.cancelled, c.held,
       greatest(c.queued, c.scheduled, c.submitting, c.generating, c.downloading, c.completed, c.failed, c.cancelled,
           c.held) >= 10000 AS capped,
       b.used AS credits,
       b.reserved AS credits_reserved,
       b.max_credits,
       b.max_attempts,
       b.on_ambiguous,
       b.created_at,
       b.submitted_at,
       b.doubt AS paused_reason,
       CASE WHEN b.state = 'open' THEN b.probe_at END AS probe_at
FROM meshmill.batches AS b
JOIN meshmill.tenants AS t ON t.id = b.tenant_id
CROSS JOIN LATERAL (
    SELECT max(n.jobs) FILTER (WHERE n.state = 'queued') AS queued,
           max(n.jobs) FILTER (WHERE n.state = 'scheduled') AS scheduled,
           max(n.jobs) FILTER (WHERE n.state = 'submitting') AS submitting,
           max(n.jobs) FILTER (WHERE n.state = 'generating') AS generating,
           max(n.jobs) FILTER (WHERE n.state = 'downloading') AS downloading,
           max(n.jobs) FILTER (WHERE n.state = 'completed') AS completed,
           max(n.jobs) FILTER (WHERE n.state = 'failed') AS failed,
           max(n.jobs) FILTER (WHERE n.state = 'cancelled') AS cancelled,
           max(n.jobs) FILTER (WHERE n.state = 'held') AS held
    FROM meshmill.batch_counts(b.id, 10000) AS n
) AS c;
COMMENT ON VIEW ops.batches IS 'One row for each batch: what a tenant wants in one output folder. Counts stop at 10,000; capped says so.';
COMMENT ON COLUMN ops.batches.batch_id IS 'Ours; ascending with age.';
COMMENT ON COLUMN ops.batches.status IS 'open: its jobs may run; paused by a person, or by itself (see paused_reason); finished: every job has ended.';
COMMENT ON COLUMN ops.batches.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.batches.out IS 'Absolute path of the output folder.';
COMMENT ON COLUMN ops.batches.queued IS 'Jobs that wait for a slot.';
COMMENT ON COLUMN ops.batches.scheduled IS 'Jobs that wait for a time.';
COMMENT ON COLUMN ops.batches.submitting IS 'Jobs whose POST is under way.';
COMMENT ON COLUMN ops.batches.generating IS 'Jobs that the provider works on.';
COMMENT ON COLUMN ops.batches.downloading IS 'Jobs whose GLB is being fetched.';
COMMENT ON COLUMN ops.batches.completed IS 'Jobs whose verified GLB is on disk.';
COMMENT ON COLUMN ops.batches.failed IS 'Jobs that failed for good; ops.retry_batch runs them again.';
COMMENT ON COLUMN ops.batches.cancelled IS 'Jobs that a person cancelled.';
COMMENT ON COLUMN ops.batches.held IS 'Jobs that wait for a person; ops.release_batch runs them.';
COMMENT ON COLUMN ops.batches.capped IS 'True if a count stopped at 10,000 and there may be more.';
COMMENT ON COLUMN ops.batches.credits IS 'Credits charged, less refunds.';
COMMENT ON COLUMN ops.batches.credits_reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN ops.batches.max_credits IS 'Cap of credits. NULL: none.';
COMMENT ON COLUMN ops.batches.max_attempts IS 'How often a job may fail by its own fault.';
COMMENT ON COLUMN ops.batches.on_ambiguous IS 'What happens to a job whose POST has no answer: evidence, retry, hold or fail.';
COMMENT ON COLUMN ops.batches.created_at IS 'When it was first submitted.';
COMMENT ON COLUMN ops.batches.submitted_at IS 'When it was last submitted to.';
COMMENT ON COLUMN ops.batches.paused_reason IS 'Why it paused itself: five jobs in a row were refused alike. ops.release_batch lets it run at once. NULL: it did not.';
COMMENT ON COLUMN ops.batches.probe_at IS 'When a batch that paused itself tries its next job; an accepted one ends the pause. NULL: it is not paused by itself.';

CREATE VIEW ops.queue AS
SELECT b.id AS batch_id,
       t.name AS tenant,
       CASE WHEN b.state = 'open' AND b.doubted_at IS NOT NULL THEN 'paused' ELSE b.state END AS status,
       c.queued,
       c.scheduled,
       c.in_flight,
       c.capped,
       n.id AS next_job_id,
       n.priority AS next_priority,
       n.submitted_at AS next_submitted_at,
       meshmill.clock() - n.submitted_at AS next_waits
FROM meshmill.batches AS b
JOIN meshmill.tenants AS t ON t.id = b.tenant_id
CROSS JOIN LATERAL (
    SELECT max(k.jobs) FILTER (WHERE k.state = 'queued') AS queued,
           max(k.jobs) FILTER (WHERE k.state = 'scheduled') AS scheduled,
           sum(k.jobs) FILTER (WHERE k.state IN ('submitting', 'generating', 'downloading'))::bigint AS in_flight,
           bool_or(k.jobs >= 10000 AND k.state NOT IN ('completed', 'failed', 'cancelled', 'held')) AS capped
    FROM meshmill.batch_counts(b.id, 10000) AS k
) AS c
LEFT JOIN LATERAL (
    SELECT j.id, j.priority, j.submitted_at FROM meshmill.jobs AS j
    WHERE j.batch_id = b.id AND j.state = 'queued' ORDER BY j.priority DESC, j.id LIMIT 1
) AS n ON true
WHERE b.state <> 'finished' AND (c.queued > 0 OR c.scheduled > 0 OR c.in_flight > 0);
COMMENT ON VIEW ops.queue IS 'One row for each batch with work left: how much waits, and which job is next.';
COMMENT ON COLUMN ops.queue.batch_id IS 'The batch.';
COMMENT ON COLUMN ops.queue.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.queue.status IS 'open, or paused by a person or by itself.';
COMMENT ON COLUMN ops.queue.queued IS 'Jobs that wait for a slot; counted to 10,000.';
COMMENT ON COLUMN ops.queue.scheduled IS 'Jobs that wait for a time; counted to 10,000.';
COMMENT ON COLUMN ops.queue.in_flight IS 'Jobs that are being submitted, generated or downloaded.';
COMMENT ON COLUMN ops.queue.capped IS 'True if a count stopped at 10,000.';
COMMENT ON COLUMN ops.queue.next_job_id IS 'The job that is next in this batch. NULL: none is queued.';
COMMENT ON COLUMN ops.queue.next_priority IS 'Its priority.';
COMMENT ON COLUMN ops.queue.next_submitted_at IS 'When it was submitted.';
COMMENT ON COLUMN ops.queue.next_waits IS 'How long it has waited.';

-- ---------------------------------------------------------------------------------------------- provider side

CREATE VIEW ops.keys AS
SELECT k.name AS key,
       k.state AS status,
       k.state_reason AS reason,
       o.name AS org,
       p.name AS pool,
       k.rate_limit,
       k.rate_window,
       s.free AS free_slots,
       k.reserve_slots,
       greatest(k.ready_at, k.blocked_until) AS next_post_at,
       k.blocked_until,
       k.paused_until,
       k.probe_at,
       coalesce(l.submitting, 0) AS submitting,
       coalesce(l.generating, 0) AS generating,
       least(k.monthly_limit, k.provider_monthly_limit) AS monthly_limit,
       greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) AS monthly_used,
       k.reserved AS credits_reserved,
       CASE WHEN coalesce(k.monthly_limit, k.provider_monthly_limit) IS NOT NULL THEN
           greatest(least(k.monthly_limit, k.provider_monthly_limit)
               - greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) - k.reserved, 0)
       END AS monthly_left,
       k.monthly_limit AS our_monthly_limit,
       k.provider_monthly_limit,
       k.posts,
       k.accepted_at,
       k.last_post_at,
       k.created_at,
       k.removed_at,
       k.id AS key_id
FROM meshmill.keys AS k
JOIN meshmill.orgs AS o ON o.id = k.org_id
JOIN meshmill.pools AS p ON p.id = k.pool_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE s.free_at <= meshmill.clock()) AS free FROM meshmill.slots AS s WHERE s.key_id = k.id
) AS s
LEFT JOIN (
    SELECT a.key_id,
           count(*) FILTER (WHERE a.state = 'submitting') AS submitting,
           count(*) FILTER (WHERE a.state = 'generating') AS generating
    FROM meshmill.attempts AS a
    WHERE a.state IN ('submitting', 'generating')
    GROUP BY a.key_id
) AS l ON l.key_id = k.id;
COMMENT ON VIEW ops.keys IS 'One row for each API key, removed ones included; never its secret.';
COMMENT ON COLUMN ops.keys.key IS 'Its name.';
COMMENT ON COLUMN ops.keys.status IS 'active; paused by a person; draining: no new POST, in flight goes on; parked: out of quota, tried again at probe_at; disabled: refused by the provider, tried again at probe_at; removed.';
COMMENT ON COLUMN ops.keys.reason IS 'Why it is not active, or is blocked. NULL: nothing to say.';
COMMENT ON COLUMN ops.keys.org IS 'The account whose credits it spends.';
COMMENT ON COLUMN ops.keys.pool IS 'Which tenants may use it.';
COMMENT ON COLUMN ops.keys.rate_limit IS 'Creations per rate_window.';
COMMENT ON COLUMN ops.keys.rate_window IS 'Length of the provider''s window.';
COMMENT ON COLUMN ops.keys.free_slots IS 'Slots of the window that are free now.';
COMMENT ON COLUMN ops.keys.reserve_slots IS 'Slots kept free for people who use the key elsewhere.';
COMMENT ON COLUMN ops.keys.next_post_at IS 'The earliest instant of its next POST, by slots and holds.';
COMMENT ON COLUMN ops.keys.blocked_until IS 'A hold: a 429, or a quarantine. NULL: none.';
COMMENT ON COLUMN ops.keys.paused_until IS 'When a pause ends by itself. NULL: a person ends it, or it is not paused.';
COMMENT ON COLUMN ops.keys.probe_at IS 'When a parked or disabled key is tried again with one real job.';
COMMENT ON COLUMN ops.keys.submitting IS 'POSTs under way: 0 or 1.';
COMMENT ON COLUMN ops.keys.generating IS 'Generations that the provider works on.';
COMMENT ON COLUMN ops.keys.monthly_limit IS 'Credits a month: the lesser of our cap and the provider''s. NULL: no limit.';
COMMENT ON COLUMN ops.keys.monthly_used IS 'Credits used this month: the greater of our count and the provider''s.';
COMMENT ON COLUMN ops.keys.credits_reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN ops.keys.monthly_left IS 'Credits that it may still spend this month. NULL: no limit.';
COMMENT ON COLUMN ops.keys.our_monthly_limit IS 'Our own cap. NULL: none.';
COMMENT ON COLUMN ops.keys.provider_monthly_limit IS 'The limit that the provider last reported. NULL: none reported.';
COMMENT ON COLUMN ops.keys.posts IS 'POSTs ever sent with it.';
COMMENT ON COLUMN ops.keys.accepted_at IS 'When the provider first accepted it. NULL: never.';
COMMENT ON COLUMN ops.keys.last_post_at IS 'When it was last claimed for a POST.';
COMMENT ON COLUMN ops.keys.created_at IS 'When it was added.';
COMMENT ON COLUMN ops.keys.removed_at IS 'When it was removed. NULL: it was not.';
COMMENT ON COLUMN ops.keys.key_id IS 'Ours.';

CREATE VIEW ops.slots AS
SELECT k.name AS key,
       s.ordinal AS slot,
       CASE WHEN s.free_at <= meshmill.clock() THEN 'free' WHEN a.state = 'submitting' THEN 'submitting' ELSE 'counted' END AS status,
       s.free_at,
       greatest(s.free_at - meshmill.clock(), interval '0') AS free_in,
       a.job_id,
       s.attempt_id
FROM meshmill.slots AS s
JOIN meshmill.keys AS k ON k.id = s.key_id AND k.state <> 'removed'
LEFT JOIN meshmill.attempts AS a ON a.id = s.attempt_id;
COMMENT ON VIEW ops.slots IS 'One row for each admission of a key''s window.';
COMMENT ON COLUMN ops.slots.key IS 'Name of the key.';
COMMENT ON COLUMN ops.slots.slot IS '0 up to rate_limit - 1.';
COMMENT ON COLUMN ops.slots.status IS 'free; submitting: its POST is under way; counted: the provider still counts its last POST.';
COMMENT ON COLUMN ops.slots.free_at IS 'When it may be used again; in the past if it is free.';
COMMENT ON COLUMN ops.slots.free_in IS 'How long until then; zero if it is free.';
COMMENT ON COLUMN ops.slots.job_id IS 'The job that last used it. NULL: never used.';
COMMENT ON COLUMN ops.slots.attempt_id IS 'The attempt that last took it. NULL: never taken.';

CREATE VIEW ops.orgs AS
SELECT o.name AS org,
       CASE WHEN o.paused THEN 'paused' WHEN o.parked_until > meshmill.clock() THEN 'parked' ELSE 'active' END AS status,
       o.parked_reason AS reason,
       o.credits_remaining,
       o.credits_observed_at,
       o.reserved AS credits_reserved,
       o.parked_until,
       (SELECT count(*) FROM meshmill.keys AS k WHERE k.org_id = o.id AND k.state <> 'removed') AS keys,
       o.created_at,
       o.id AS org_id
FROM meshmill.orgs AS o;
COMMENT ON VIEW ops.orgs IS 'One row for each account at the provider, whose credits its keys share.';
COMMENT ON COLUMN ops.orgs.org IS 'Its name.';
COMMENT ON COLUMN ops.orgs.status IS 'active; paused by a person; parked: out of credits until parked_until.';
COMMENT ON COLUMN ops.orgs.reason IS 'The provider''s words when it was parked.';
COMMENT ON COLUMN ops.orgs.credits_remaining IS 'What the provider last said. NULL: it never did.';
COMMENT ON COLUMN ops.orgs.credits_observed_at IS 'When it said so.';
COMMENT ON COLUMN ops.orgs.credits_reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN ops.orgs.parked_until IS 'When a parked org is tried again with one real job.';
COMMENT ON COLUMN ops.orgs.keys IS 'How many keys it has.';
COMMENT ON COLUMN ops.orgs.created_at IS 'When it was added.';
COMMENT ON COLUMN ops.orgs.org_id IS 'Ours.';

-- ---------------------------------------------------------------------------------------------- people and workers

CREATE VIEW ops.tenants AS
SELECT t.name AS tenant,
       CASE WHEN t.paused THEN 'paused' ELSE 'active' END AS status,
       p.name AS pool,
       t.weight,
       q.queued,
       q.in_flight,
       t.monthly_budget,
       t.monthly_used,
       t.reserved AS credits_reserved,
       t.virtual_time,
       t.created_at,
       t.id AS tenant_id
FROM meshmill.tenants AS t
JOIN meshmill.pools AS p ON p.id = t.pool_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.jobs) FILTER (WHERE c.state = 'queued'), 0)::bigint AS queued,
           coalesce(sum(c.jobs) FILTER (WHERE c.state IN ('submitting', 'generating', 'downloading')), 0)::bigint AS in_flight
    FROM meshmill.batches AS b
    CROSS JOIN LATERAL meshmill.batch_counts(b.id, 10000) AS c
    WHERE b.tenant_id = t.id AND b.state <> 'finished'
) AS q;
COMMENT ON VIEW ops.tenants IS 'One row for each tenant: who asks, and which share it gets.';
COMMENT ON COLUMN ops.tenants.tenant IS 'Its name.';
COMMENT ON COLUMN ops.tenants.status IS 'active, or paused: none of its jobs is submitted.';
COMMENT ON COLUMN ops.tenants.pool IS 'Its jobs use the keys of this pool.';
COMMENT ON COLUMN ops.tenants.weight IS 'Share of the slots while others wait too.';
COMMENT ON COLUMN ops.tenants.queued IS 'Jobs that wait for a slot; each batch is counted to 10,000.';
COMMENT ON COLUMN ops.tenants.in_flight IS 'Jobs that are being submitted, generated or downloaded.';
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
COMMENT ON COLUMN ops.workers.worker_id IS 'Random at each start.';

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
FROM meshmill.ledger AS l
JOIN meshmill.orgs AS o ON o.id = l.org_id
LEFT JOIN meshmill.keys AS k ON k.id = l.key_id
LEFT JOIN meshmill.tenants AS t ON t.id = l.tenant_id
LEFT JOIN meshmill.attempts AS a ON a.id = l.attempt_id;
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

CREATE VIEW ops.audit_log AS
SELECT l.id AS audit_id, l.at, l.who, l.actor, l.what, l.subject, l.before, l.after, l.reason
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
