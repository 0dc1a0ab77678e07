-- What people read and call: the schema ops. Its views answer at once with hundreds of thousands of jobs, since they
-- count along the partial indexes and stop at a bound; its functions keep every rule and write the audit log.

CREATE SCHEMA ops;
COMMENT ON SCHEMA ops IS 'Meshmill as operators see it: views to read, functions to act. The tables behind it are in the schema meshmill.';

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

CREATE FUNCTION meshmill.batch_counts(p_batch bigint, p_cap bigint DEFAULT NULL)
    RETURNS TABLE (state meshmill.job_state, jobs bigint)
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    SELECT s.state, (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state = s.state
              -- Said again as constants, so that each state finds its partial index.
              AND j.state IN ('completed', 'failed', 'cancelled', 'held')
            LIMIT p_cap) AS c)
    FROM (VALUES ('completed'::meshmill.job_state), ('failed'), ('cancelled'), ('held')) AS s (state)
    UNION ALL
    SELECT s.state, (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state = s.state
              AND j.state IN ('scheduled', 'submitting', 'generating', 'downloading')
            LIMIT p_cap) AS c)
    FROM (VALUES ('scheduled'::meshmill.job_state), ('submitting'), ('generating'), ('downloading')) AS s (state)
    UNION ALL
    SELECT 'queued', (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state = 'queued' LIMIT p_cap) AS c);
END;
COMMENT ON FUNCTION meshmill.batch_counts(bigint, bigint) IS 'How many jobs of a batch are in each state, each counted up to p_cap along its partial index. NULL: counted to the end.';

CREATE FUNCTION meshmill.job_counts(p_cap bigint) RETURNS TABLE (state meshmill.job_state, jobs bigint, capped boolean)
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    WITH ended AS MATERIALIZED (
        SELECT e.state FROM (
            SELECT j.state FROM meshmill.jobs AS j WHERE j.state IN ('completed', 'failed', 'cancelled', 'held') LIMIT p_cap
        ) AS e
    ), counted AS (
        SELECT e.state, count(*) AS jobs, (SELECT count(*) FROM ended) >= p_cap AS capped FROM ended AS e GROUP BY e.state
        UNION ALL
        SELECT j.state, count(*), false
        FROM meshmill.jobs AS j
        WHERE j.state IN ('scheduled', 'submitting', 'generating', 'downloading')
        GROUP BY j.state
        UNION ALL
        SELECT 'queued', q.jobs, q.jobs >= p_cap
        FROM (SELECT count(*) AS jobs FROM (
            SELECT 1 FROM meshmill.jobs AS j WHERE j.state = 'queued' LIMIT p_cap) AS l) AS q
    )
    SELECT s.state, coalesce(c.jobs, 0), coalesce(c.capped, false)
    FROM unnest(enum_range(NULL::meshmill.job_state)) AS s (state)
    LEFT JOIN counted AS c ON c.state = s.state;
END;
COMMENT ON FUNCTION meshmill.job_counts(bigint) IS 'How many jobs there are in each state. Queued ones are counted up to p_cap, ended ones together up to p_cap; capped says where that was not all.';

CREATE VIEW ops.batches AS
SELECT b.id AS batch_id,
       b.state AS status,
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
       b.submitted_at
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
COMMENT ON COLUMN ops.batches.status IS 'open: its jobs may run; paused by a person; finished: every job has ended.';
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

CREATE VIEW ops.queue AS
SELECT b.id AS batch_id,
       t.name AS tenant,
       b.state AS status,
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
COMMENT ON COLUMN ops.queue.status IS 'open, or paused by a person.';
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

-- ---------------------------------------------------------------------------------------------- acting on jobs

CREATE FUNCTION meshmill.act_on_jobs(p_what text, p_jobs bigint[], p_reason text) RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_batches bigint[];
    v_changed bigint[];
    v_reason text := coalesce(p_reason, 'by ' || coalesce(nullif(current_setting('meshmill.actor', true), ''), session_user));
BEGIN
    v_batches := ARRAY(SELECT DISTINCT j.batch_id FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs));
    -- Locked before the jobs: a batch that housekeeping closes at this moment would keep its new work from running.
    PERFORM 1 FROM meshmill.batches AS b WHERE b.id = ANY (v_batches) ORDER BY b.id FOR NO KEY UPDATE;
    CASE p_what
        WHEN 'retry' THEN
            v_changed := ARRAY(SELECT r.id FROM meshmill.requeue_jobs(p_jobs) AS r (id));
        WHEN 'release' THEN
            v_changed := ARRAY(SELECT r.id FROM meshmill.requeue_jobs(ARRAY(
                SELECT j.id FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs) AND j.state = 'held')) AS r (id));
        WHEN 'cancel' THEN
            v_changed := ARRAY(SELECT c.id FROM meshmill.cancel_jobs(p_jobs, 'cancelled', v_reason) AS c (id));
        WHEN 'hold' THEN
            WITH moved AS (
                UPDATE meshmill.jobs AS j
                SET state = 'held', run_at = NULL, error_code = 'held_by_person', error = v_reason
                WHERE j.id IN (
                    SELECT l.id FROM meshmill.jobs AS l
                    WHERE l.id = ANY (p_jobs) AND l.state IN ('scheduled', 'queued') ORDER BY l.id FOR NO KEY UPDATE)
                  AND j.state IN ('scheduled', 'queued')
                RETURNING j.id
            )
            SELECT coalesce(array_agg(m.id), '{}') INTO v_changed FROM moved AS m;
    END CASE;
    IF cardinality(v_changed) = 0 THEN
        RETURN 0;
    END IF;
    IF p_what IN ('retry', 'release') THEN
        UPDATE meshmill.batches AS b SET state = 'open' WHERE b.id = ANY (v_batches) AND b.state = 'finished';
        PERFORM pg_notify('meshmill_jobs', '');
    END IF;
    PERFORM meshmill.audit(p_what,
        CASE WHEN cardinality(v_changed) = 1 THEN 'job ' || v_changed[1] ELSE cardinality(v_changed) || ' jobs' END,
        NULL, jsonb_build_object('jobs', to_jsonb(v_changed[1:100]), 'count', cardinality(v_changed)), p_reason);
    RETURN cardinality(v_changed);
END $$;
COMMENT ON FUNCTION meshmill.act_on_jobs(text, bigint[], text) IS 'retry, release, cancel or hold: moves those of the jobs that it applies to, opens their batches again where needed, and writes the audit log. Returns how many.';

CREATE FUNCTION meshmill.act_on_batch(p_what text, p_batch bigint, p_limit bigint, p_reason text) RETURNS bigint
    LANGUAGE plpgsql
    SET jit = off
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM meshmill.batches AS b WHERE b.id = p_batch) THEN
        RAISE EXCEPTION 'there is no batch %', p_batch USING ERRCODE = 'no_data_found', HINT = 'see: SELECT batch_id FROM ops.batches';
    END IF;
    RETURN CASE p_what
        WHEN 'retry' THEN meshmill.act_on_jobs('retry', ARRAY(
            SELECT j.id FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state IN ('failed', 'cancelled') LIMIT p_limit), p_reason)
        WHEN 'release' THEN meshmill.act_on_jobs('release', ARRAY(
            SELECT j.id FROM meshmill.jobs AS j WHERE j.batch_id = p_batch AND j.state = 'held' LIMIT p_limit), p_reason)
        WHEN 'cancel' THEN meshmill.act_on_jobs('cancel', ARRAY(
            SELECT j.id FROM meshmill.jobs AS j
            WHERE j.batch_id = p_batch AND j.state IN ('scheduled', 'queued', 'submitting', 'generating', 'downloading', 'held')
            LIMIT p_limit), p_reason)
    END;
END $$;
COMMENT ON FUNCTION meshmill.act_on_batch(text, bigint, bigint, text) IS 'retry, release or cancel for up to p_limit jobs of a batch (NULL: all); returns how many. Call it again until it returns 0.';

CREATE FUNCTION meshmill.set_batch_paused(p_batch bigint, p_paused boolean, p_reason text) RETURNS text
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old meshmill.batch_state;
    v_new meshmill.batch_state;
BEGIN
    SELECT b.state INTO v_old FROM meshmill.batches AS b WHERE b.id = p_batch FOR NO KEY UPDATE;
    IF v_old IS NULL THEN
        RAISE EXCEPTION 'there is no batch %', p_batch USING ERRCODE = 'no_data_found', HINT = 'see: SELECT batch_id FROM ops.batches';
    END IF;
    v_new := CASE WHEN p_paused THEN 'paused' WHEN v_old = 'paused' THEN 'open' ELSE v_old END;
    IF v_new <> v_old THEN
        UPDATE meshmill.batches AS b SET state = v_new WHERE b.id = p_batch;
        PERFORM meshmill.audit(CASE WHEN p_paused THEN 'hold_batch' ELSE 'release_batch' END, 'batch ' || p_batch,
            jsonb_build_object('status', v_old), jsonb_build_object('status', v_new), p_reason);
        PERFORM pg_notify('meshmill_jobs', p_batch::text);
    END IF;
    RETURN v_new::text;
END $$;
COMMENT ON FUNCTION meshmill.set_batch_paused(bigint, boolean, text) IS 'Pauses a batch or opens it again; returns its status.';

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

-- ---------------------------------------------------------------------------------------------- the switch, settings

CREATE FUNCTION meshmill.set_submitting(p_submitting boolean, p_reason text) RETURNS boolean
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE meshmill.installation SET submitting = p_submitting WHERE submitting <> p_submitting;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM meshmill.audit(CASE WHEN p_submitting THEN 'start_submitting' ELSE 'stop_submitting' END, 'installation',
        jsonb_build_object('submitting', NOT p_submitting), jsonb_build_object('submitting', p_submitting), p_reason);
    PERFORM pg_notify('meshmill_control', '');
    RETURN true;
END $$;
COMMENT ON FUNCTION meshmill.set_submitting(boolean, text) IS 'Turns the switch; false if it stood so already.';
CREATE FUNCTION ops.stop_submitting(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_submitting(false, reason); END;
COMMENT ON FUNCTION ops.stop_submitting(text) IS 'Stops every new POST of every worker within two seconds; polls and downloads go on. False if it was so already.';
CREATE FUNCTION ops.start_submitting(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_submitting(true, reason); END;
COMMENT ON FUNCTION ops.start_submitting(text) IS 'Allows new POSTs again. False if it was so already.';

CREATE FUNCTION meshmill.set_setting(p_name text, p_value text, p_reason text) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    v_old text := (SELECT s.value FROM meshmill.settings AS s WHERE s.name = p_name);
BEGIN
    IF p_value IS NULL THEN
        DELETE FROM meshmill.settings AS s WHERE s.name = p_name;
    ELSE
        INSERT INTO meshmill.settings AS s (name, value) VALUES (p_name, p_value)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = meshmill.clock();
    END IF;
    IF v_old IS DISTINCT FROM p_value THEN
        PERFORM meshmill.audit('set_setting', p_name, to_jsonb(v_old), to_jsonb(p_value), p_reason);
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.set_setting(text, text, text) IS 'Sets a setting for every process; NULL takes it back to its default.';

-- A 300th of the window, 20 ms to 3 s, and at least 1.1 s for windows of a minute or more: the provider may count in
-- whole seconds there.
CREATE FUNCTION meshmill.standard_margin(p_window interval) RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN least(greatest(p_window / 300, CASE WHEN p_window >= interval '1 minute' THEN interval '1.1 seconds'
        ELSE interval '20 milliseconds' END), interval '3 seconds');
COMMENT ON FUNCTION meshmill.standard_margin(interval) IS 'The margin of a window when no setting names one.';

CREATE FUNCTION meshmill.set_margin(p_margin interval) RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_keys bigint[] := ARRAY(SELECT k.id FROM meshmill.keys AS k WHERE k.state <> 'removed' ORDER BY k.id FOR NO KEY UPDATE);
BEGIN
    UPDATE meshmill.keys AS k SET margin = coalesce(p_margin, meshmill.standard_margin(k.rate_window)) WHERE k.id = ANY (v_keys);
    PERFORM meshmill.rebuild_slots(v_keys);
    RETURN cardinality(v_keys);
END $$;
COMMENT ON FUNCTION meshmill.set_margin(interval) IS 'Gives all keys a margin (NULL: the standard one of each window) and rebuilds their slots; returns how many keys.';
