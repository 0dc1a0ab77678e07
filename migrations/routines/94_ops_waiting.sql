-- Why jobs wait, and until when. What binds a batch is found once for each pool, tenant and batch on the small tables;
-- a job adds only what is its own: a time, or a hold.

-- What the keys of each pool allow now. One pass over the keys.
CREATE VIEW meshmill.pool_outlook AS
SELECT p.id AS pool_id,
       p.name AS pool,
       p.paused,
       count(k.id) AS keys,
       count(k.id) FILTER (WHERE k.verdict = 'usable') AS usable,
       count(k.id) FILTER (WHERE k.verdict = 'usable' AND k.ready_at <= (SELECT meshmill.clock())) AS ready,
       min(k.ready_at) FILTER (WHERE k.verdict = 'usable') AS ready_at,
       (array_agg(k.name ORDER BY k.ready_at, k.id) FILTER (WHERE k.verdict = 'usable'))[1] AS next_key,
       count(k.id) FILTER (WHERE k.verdict = 'quota') AS out_of_quota,
       count(k.id) FILTER (WHERE k.verdict = 'credits') AS out_of_credits,
       count(k.id) FILTER (WHERE k.verdict = 'paused') AS paused_keys,
       count(k.id) FILTER (WHERE k.verdict = 'refused') AS refused,
       min(k.until) AS changes_at
FROM meshmill.pools AS p
LEFT JOIN (
    SELECT k.id, k.name, k.pool_id,
           greatest(k.ready_at, k.blocked_until, o.parked_until) AS ready_at,
           CASE
               WHEN k.state IN ('paused', 'draining') OR o.paused THEN 'paused'
               WHEN k.state = 'disabled' THEN 'refused'
               WHEN o.parked_until > (SELECT meshmill.clock())
                   OR o.parked_until IS NULL AND o.credits_remaining <= o.reserved THEN 'credits'
               WHEN k.state = 'parked' OR NOT meshmill.has_quota(k) THEN 'quota'
               ELSE 'usable'
           END AS verdict,
           CASE
               WHEN o.paused OR k.state = 'draining' THEN NULL
               WHEN k.state = 'paused' THEN k.paused_until
               WHEN k.state IN ('disabled', 'parked') THEN greatest(k.probe_at, o.parked_until)
               WHEN o.parked_until > (SELECT meshmill.clock()) THEN o.parked_until
               -- Where the provider has no limit of its own, ours ends with the calendar's month, in UTC.
               WHEN NOT meshmill.has_quota(k) THEN CASE
                   WHEN k.provider_monthly_limit IS NULL
                       THEN (date_trunc('month', (SELECT meshmill.clock()) AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'
                   ELSE meshmill.next_reset(k, greatest(k.month_began_at, k.observed_at))
               END
           END AS until
    FROM meshmill.keys AS k
    JOIN meshmill.orgs AS o ON o.id = k.org_id
    WHERE k.state <> 'removed'
) AS k ON k.pool_id = p.id
GROUP BY p.id;
COMMENT ON VIEW meshmill.pool_outlook IS 'One row for each pool: how many of its keys may send, and what keeps the others; behind ops.why_waiting.';
COMMENT ON COLUMN meshmill.pool_outlook.pool_id IS 'The pool.';
COMMENT ON COLUMN meshmill.pool_outlook.pool IS 'Its name.';
COMMENT ON COLUMN meshmill.pool_outlook.paused IS 'True: no new POST with any of its keys.';
COMMENT ON COLUMN meshmill.pool_outlook.keys IS 'Keys that are not removed.';
COMMENT ON COLUMN meshmill.pool_outlook.usable IS 'Keys that may send, now or when their window allows.';
COMMENT ON COLUMN meshmill.pool_outlook.ready IS 'Keys that may send now.';
COMMENT ON COLUMN meshmill.pool_outlook.ready_at IS 'The earliest instant at which a usable key may send. NULL: none is usable.';
COMMENT ON COLUMN meshmill.pool_outlook.next_key IS 'Name of that key.';
COMMENT ON COLUMN meshmill.pool_outlook.out_of_quota IS 'Keys that have used their month.';
COMMENT ON COLUMN meshmill.pool_outlook.out_of_credits IS 'Keys whose account is out of credits.';
COMMENT ON COLUMN meshmill.pool_outlook.paused_keys IS 'Keys that are paused or draining, or whose account is.';
COMMENT ON COLUMN meshmill.pool_outlook.refused IS 'Keys that the provider refused.';
COMMENT ON COLUMN meshmill.pool_outlook.changes_at IS 'The earliest instant at which a key that may not send may again. NULL: a person decides.';

-- What binds the queued jobs of each batch that is not finished.
CREATE VIEW meshmill.batch_outlook AS
SELECT b.id AS batch_id,
       t.id AS tenant_id,
       t.name AS tenant,
       o.pool,
       w.reason,
       w.until,
       w.detail
FROM meshmill.batches AS b
JOIN meshmill.tenants AS t ON t.id = b.tenant_id
JOIN meshmill.pool_outlook AS o ON o.pool_id = t.pool_id
CROSS JOIN meshmill.installation AS i
CROSS JOIN meshmill.breaker AS r
CROSS JOIN (
    SELECT count(*) AS workers FROM meshmill.workers AS w WHERE w.stopped_at IS NULL AND w.lease_until > (SELECT meshmill.clock())
) AS n
LEFT JOIN LATERAL (
    -- Whose turn it is: the least start tag among the pool's tenants that have work.
    SELECT u.id, u.name FROM meshmill.tenants AS u
    WHERE u.pool_id = t.pool_id AND u.backlogged AND NOT u.paused
    ORDER BY u.virtual_time, u.id LIMIT 1
) AS turn ON true
CROSS JOIN LATERAL (
    SELECT v.* FROM (VALUES
        (1, NOT i.submitting, 'stopped', NULL::timestamptz,
            'submitting is stopped for everyone; meshmill start allows it again'),
        (2, b.state = 'paused' OR b.doubted_at IS NOT NULL, 'paused', CASE WHEN b.state <> 'paused' THEN b.probe_at END,
            format('batch %s is paused%s; release it to go on', b.id, CASE WHEN b.state <> 'paused' THEN ': ' || b.doubt END)),
        (3, t.paused, 'paused', NULL, format('tenant %s is paused; resume it to go on', t.name)),
        (4, o.paused, 'paused', NULL, format('pool %s is paused; resume it to go on', o.pool)),
        (5, b.used + b.reserved >= b.max_credits, 'credits', NULL,
            format('batch %s may spend %s credits, and has spent or reserved them', b.id, b.max_credits)),
        (6, t.monthly_used + t.reserved >= t.monthly_budget, 'budget', (t.period + interval '1 month') AT TIME ZONE 'UTC',
            format('tenant %s has spent or reserved its %s credits of this month', t.name, t.monthly_budget)),
        (7, o.keys = 0, 'no_key', NULL, format('pool %s has no key', o.pool)),
        (8, o.usable = 0 AND o.out_of_credits > 0, 'credits', o.changes_at,
            format('no key of pool %s may send: the account of %s of %s is out of credits', o.pool, o.out_of_credits, o.keys)),
        (9, o.usable = 0 AND o.out_of_quota > 0, 'quota', o.changes_at,
            format('no key of pool %s may send: %s of %s have used their month', o.pool, o.out_of_quota, o.keys)),
        (10, o.usable = 0, 'no_key', o.changes_at,
            format('no key of pool %s may send: %s of %s are paused or draining, %s refused by the provider', o.pool,
                o.paused_keys, o.keys, o.refused)),
        (11, r.is_open, 'breaker', r.probe_at,
            format('the provider keeps failing (%s); a probe is sent at the time given', coalesce(r.reason, 'see: breaker show'))),
        (12, n.workers = 0, 'no_worker', NULL, 'no worker is running; start one with: meshmill worker'),
        (13, o.ready = 0, 'slot', o.ready_at,
            format('no slot is free on %s of pool %s; the next is of %s', CASE o.usable WHEN 1 THEN 'the key'
                ELSE format('the %s usable keys', o.usable) END, o.pool, o.next_key)),
        (14, turn.id <> t.id, 'share', NULL, format('tenant %s is served first, by its share', turn.name)),
        (15, true, 'turn', NULL, 'it is taken as soon as the jobs before it are')
    ) AS v (ord, binds, reason, until, detail)
    WHERE v.binds ORDER BY v.ord LIMIT 1
) AS w
WHERE b.state <> 'finished';
COMMENT ON VIEW meshmill.batch_outlook IS 'One row for each batch that is not finished: what binds its queued jobs; behind ops.why_waiting and ops.waiting.';
COMMENT ON COLUMN meshmill.batch_outlook.batch_id IS 'The batch.';
COMMENT ON COLUMN meshmill.batch_outlook.tenant_id IS 'Its tenant.';
COMMENT ON COLUMN meshmill.batch_outlook.tenant IS 'Name of the tenant.';
COMMENT ON COLUMN meshmill.batch_outlook.pool IS 'Name of the tenants pool.';
COMMENT ON COLUMN meshmill.batch_outlook.reason IS 'The first thing that binds its queued jobs; see ops.why_waiting.';
COMMENT ON COLUMN meshmill.batch_outlook.until IS 'The earliest instant at which that changes. NULL: a person ends it, or it depends on others.';
COMMENT ON COLUMN meshmill.batch_outlook.detail IS 'The same in words.';

CREATE VIEW ops.why_waiting AS
WITH outlook AS MATERIALIZED (SELECT * FROM meshmill.batch_outlook)
-- Batch by batch, each along its partial index: a join that may be turned round would read all jobs.
SELECT j.id AS job_id,
       'queued'::meshmill.job_state AS status,
       o.batch_id,
       o.tenant,
       o.pool,
       j.priority,
       o.reason,
       o.until,
       o.detail
FROM outlook AS o
CROSS JOIN LATERAL (
    SELECT q.id, q.priority FROM meshmill.jobs AS q WHERE q.batch_id = o.batch_id AND q.state = 'queued'
    UNION ALL SELECT NULL, NULL WHERE false
) AS j
UNION ALL
SELECT j.id, j.state, b.id, t.name, p.name, j.priority,
       CASE
           WHEN j.state = 'held' THEN 'held'
           WHEN j.error_code LIKE 'unknown%' THEN 'unknown'
           ELSE 'backoff'
       END,
       j.run_at,
       CASE
           WHEN j.state = 'held' THEN format('it is held (%s); release, retry or cancel it', coalesce(j.error, j.error_code))
           ELSE format('it is tried again at the time given, after %s', coalesce(j.error, j.error_code, 'a failure'))
       END
FROM meshmill.batches AS b
JOIN meshmill.tenants AS t ON t.id = b.tenant_id
JOIN meshmill.pools AS p ON p.id = t.pool_id
CROSS JOIN LATERAL (
    SELECT s.id, s.state, s.priority, s.run_at, s.error_code, s.error
    FROM meshmill.jobs AS s WHERE s.batch_id = b.id AND s.state = 'scheduled'
    UNION ALL
    SELECT h.id, h.state, h.priority, h.run_at, h.error_code, h.error
    FROM meshmill.jobs AS h WHERE h.batch_id = b.id AND h.state = 'held'
) AS j
-- A finished batch was counted, so that the many without a held job need no look.
WHERE b.state <> 'finished' OR b.counted_held IS DISTINCT FROM 0;
COMMENT ON VIEW ops.why_waiting IS 'One row for each waiting job: what binds it, and until when. Narrow it by job_id or batch_id, or use LIMIT; ops.waiting is the summary by batch.';
COMMENT ON COLUMN ops.why_waiting.job_id IS 'The job.';
COMMENT ON COLUMN ops.why_waiting.status IS 'queued, scheduled or held.';
COMMENT ON COLUMN ops.why_waiting.batch_id IS 'Its batch.';
COMMENT ON COLUMN ops.why_waiting.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.why_waiting.pool IS 'Whose keys it may use.';
COMMENT ON COLUMN ops.why_waiting.priority IS 'Higher goes first inside its tenant.';
COMMENT ON COLUMN ops.why_waiting.reason IS 'The first that applies. held: a person must act; unknown: its last POST may still be counted; backoff: tried again at until; stopped: the switch; paused: its batch, tenant or pool; credits: the batch''s cap or the account; budget: the tenant''s month; quota: the keys'' month; no_key: no key may send; breaker: the provider fails; no_worker; slot: no slot is free; share: another tenant is served first; turn: other jobs of its tenant are.';
COMMENT ON COLUMN ops.why_waiting.until IS 'The earliest instant at which that changes. NULL: a person ends it, or it depends on others.';
COMMENT ON COLUMN ops.why_waiting.detail IS 'The same in words.';

CREATE VIEW ops.waiting AS
SELECT o.batch_id,
       o.tenant,
       o.pool,
       o.reason,
       o.until,
       o.detail,
       c.queued AS jobs,
       c.scheduled,
       c.capped
FROM meshmill.batch_outlook AS o
CROSS JOIN LATERAL meshmill.waiting_counts(o.batch_id, (SELECT meshmill.count_cap())) AS c
WHERE c.queued > 0 OR c.scheduled > 0;
COMMENT ON VIEW ops.waiting IS 'One row for each batch with waiting jobs: what binds them, and until when. Counts stop at 10,000, or earlier with many batches; capped says so.';
COMMENT ON COLUMN ops.waiting.batch_id IS 'The batch.';
COMMENT ON COLUMN ops.waiting.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.waiting.pool IS 'Whose keys it may use.';
COMMENT ON COLUMN ops.waiting.reason IS 'What binds its queued jobs; see ops.why_waiting.';
COMMENT ON COLUMN ops.waiting.until IS 'The earliest instant at which that changes. NULL: a person ends it, or it depends on others.';
COMMENT ON COLUMN ops.waiting.detail IS 'The same in words.';
COMMENT ON COLUMN ops.waiting.jobs IS 'Jobs that wait for that.';
COMMENT ON COLUMN ops.waiting.scheduled IS 'Jobs that wait for a time of their own.';
COMMENT ON COLUMN ops.waiting.capped IS 'True if a count stopped and there may be more.';

CREATE FUNCTION ops.why(job bigint) RETURNS text
    LANGUAGE sql STABLE
    SET jit = off
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT format('job %s waits: %s%s', w.job_id, w.detail,
                CASE WHEN w.until IS NOT NULL THEN format(' (%s UTC)', to_char(w.until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')) ELSE '' END)
            || CASE WHEN w.status = 'queued' AND a.ahead > 0 THEN format('; %s%s jobs of tenant %s are before it',
                   CASE WHEN a.ahead >= 10000 THEN 'at least ' ELSE '' END, a.ahead, w.tenant) ELSE '' END
         FROM ops.why_waiting AS w
         CROSS JOIN LATERAL (
             SELECT count(*) AS ahead
             FROM meshmill.batches AS b
             JOIN meshmill.tenants AS t ON t.id = b.tenant_id AND t.name = w.tenant
             CROSS JOIN LATERAL (
                 SELECT 1 FROM meshmill.jobs AS q
                 WHERE q.batch_id = b.id AND q.state = 'queued' AND (q.priority, -q.id) > (w.priority, -w.job_id)
                 LIMIT 10000
             ) AS q
             WHERE b.state = 'open'
         ) AS a
         WHERE w.job_id = job),
        (SELECT format('job %s does not wait: it is %s%s', j.job_id, j.status, CASE
                WHEN j.status IN ('submitting', 'generating', 'downloading') THEN format(', with key %s by %s', j.key, j.worker)
                WHEN j.error IS NOT NULL THEN ', ' || j.error
                ELSE '' END)
         FROM ops.jobs AS j WHERE j.job_id = job));
END;
COMMENT ON FUNCTION ops.why(bigint) IS 'What a job waits for, until when and how many are before it (counted to 10,000), in a sentence. NULL: there is no such job.';

CREATE VIEW ops.autoscale AS
SELECT (SELECT count(*) FROM meshmill.jobs AS j WHERE j.state IN ('submitting', 'generating', 'downloading'))
     + (SELECT coalesce(sum(least(o.ready, w.jobs)), 0)::bigint
        FROM meshmill.pool_outlook AS o
        CROSS JOIN LATERAL (
            SELECT count(*) AS jobs FROM (
                SELECT 1
                FROM meshmill.tenants AS t
                JOIN meshmill.batches AS b ON b.tenant_id = t.id AND b.state = 'open'
                CROSS JOIN LATERAL (
                    SELECT 1 FROM meshmill.jobs AS j WHERE j.batch_id = b.id AND j.state = 'queued' LIMIT o.ready
                ) AS j
                WHERE t.pool_id = o.pool_id AND NOT t.paused
                LIMIT o.ready
            ) AS l
        ) AS w
        WHERE NOT o.paused AND o.ready > 0
          AND (SELECT i.submitting FROM meshmill.installation AS i)
          AND NOT (SELECT b.is_open FROM meshmill.breaker AS b)) AS jobs;
COMMENT ON VIEW ops.autoscale IS 'One number to scale workers by: jobs that could be submitted now, and jobs in flight.';
COMMENT ON COLUMN ops.autoscale.jobs IS 'Queued jobs for which a slot is free now, plus jobs that are being submitted, generated or downloaded.';
