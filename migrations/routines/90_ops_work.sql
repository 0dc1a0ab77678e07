-- What people read of the work: views that answer at once, since they count along the partial indexes and stop at a
-- bound.

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
FROM meshmill.all_jobs AS j
JOIN meshmill.batches AS b ON b.id = j.batch_id
JOIN meshmill.tenants AS t ON t.id = j.tenant_id
-- By its job as well: so the planner knows that there is one, and may begin with a key's attempts.
LEFT JOIN meshmill.all_attempts AS a ON a.id = j.attempt_id AND a.job_id = j.id
LEFT JOIN meshmill.keys AS k ON k.id = a.key_id
LEFT JOIN meshmill.workers AS w ON w.id = j.worker_id AND j.state IN ('submitting', 'generating', 'downloading')
LEFT JOIN LATERAL (
    SELECT o.output, o.source, o.custom_id FROM meshmill.outputs AS o WHERE o.job_id = j.id ORDER BY o.output LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.state <> 'unsent') AS posts, coalesce(sum(c.credits), 0) AS credits
    FROM meshmill.all_attempts AS c WHERE c.job_id = j.id
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
       coalesce(c.queued, 0) AS queued,
       coalesce(c.scheduled, 0) AS scheduled,
       coalesce(c.submitting, 0) AS submitting,
       coalesce(c.generating, 0) AS generating,
       coalesce(c.downloading, 0) AS downloading,
       coalesce(c.completed, b.counted_completed) AS completed,
       coalesce(c.failed, b.counted_failed) AS failed,
       coalesce(c.cancelled, b.counted_cancelled) AS cancelled,
       coalesce(c.held, b.counted_held) AS held,
       coalesce(greatest(c.queued, c.scheduled, c.submitting, c.generating, c.downloading, c.completed, c.failed,
           c.cancelled, c.held) >= p.cap, false) AS capped,
       m.used AS credits,
       m.reserved AS credits_reserved,
       b.max_credits,
       b.max_attempts,
       b.on_ambiguous,
       b.created_at,
       b.submitted_at,
       b.doubt AS paused_reason,
       CASE WHEN b.state = 'open' THEN b.probe_at END AS probe_at
FROM meshmill.batches AS b
JOIN meshmill.batch_balances AS m ON m.id = b.id
JOIN meshmill.tenants AS t ON t.id = b.tenant_id
CROSS JOIN (SELECT meshmill.count_cap() AS cap) AS p
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
    -- Of one that is finished the counts are known.
    FROM (SELECT 1 WHERE b.state <> 'finished' OR b.counted_completed IS NULL) AS live
    CROSS JOIN LATERAL meshmill.batch_counts(b.id, p.cap) AS n
) AS c;
COMMENT ON VIEW ops.batches IS 'One row for each batch: what a tenant wants in one output folder. Of those that are not finished, counts stop at 10,000, or earlier with many such batches; capped says so.';
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
COMMENT ON COLUMN ops.batches.capped IS 'True if a count stopped and there may be more.';
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
CROSS JOIN LATERAL meshmill.waiting_counts(b.id, (SELECT meshmill.count_cap())) AS c
LEFT JOIN LATERAL (
    SELECT j.id, j.priority, j.submitted_at FROM meshmill.jobs AS j
    WHERE j.batch_id = b.id AND j.state = 'queued' ORDER BY j.priority DESC, j.id + 0 LIMIT 1
) AS n ON true
WHERE b.state <> 'finished' AND (c.queued > 0 OR c.scheduled > 0 OR c.in_flight > 0);
COMMENT ON VIEW ops.queue IS 'One row for each batch with work left: how much waits, and which job is next.';
COMMENT ON COLUMN ops.queue.batch_id IS 'The batch.';
COMMENT ON COLUMN ops.queue.tenant IS 'Who asked.';
COMMENT ON COLUMN ops.queue.status IS 'open, or paused by a person or by itself.';
COMMENT ON COLUMN ops.queue.queued IS 'Jobs that wait for a slot; counted to 10,000, or less far with many batches.';
COMMENT ON COLUMN ops.queue.scheduled IS 'Jobs that wait for a time; counted as far.';
COMMENT ON COLUMN ops.queue.in_flight IS 'Jobs that are being submitted, generated or downloaded; counted as far.';
COMMENT ON COLUMN ops.queue.capped IS 'True if a count stopped and there may be more.';
COMMENT ON COLUMN ops.queue.next_job_id IS 'The job that is next in this batch. NULL: none is queued.';
COMMENT ON COLUMN ops.queue.next_priority IS 'Its priority.';
COMMENT ON COLUMN ops.queue.next_submitted_at IS 'When it was submitted.';
COMMENT ON COLUMN ops.queue.next_waits IS 'How long it has waited.';
