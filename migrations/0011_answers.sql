-- Answers: attribution by correlation, the due lane of retries, crash counts.
--
-- One answer says what happened to one POST; whose fault it was is seen from several together. Three keys refused
-- alike within minutes are the provider's doing, five jobs refused alike the batch's preset. What is needed to see
-- that is kept where it is read: a key's last answer on the key, a batch's run of refusals on the batch.

ALTER TABLE meshmill.keys
    ADD COLUMN last_verdict text,
    ADD COLUMN last_verdict_at timestamptz;
COMMENT ON COLUMN meshmill.keys.last_verdict IS 'What its last answered POST says about fault: accepted, rejected (the job), unauthorized, forbidden, credit_error, rate_limited, provider_failed, other. NULL: none was answered.';
COMMENT ON COLUMN meshmill.keys.last_verdict_at IS 'When that answer was recorded. Three keys with one verdict within five minutes, and at least half of those used, blame the provider.';

ALTER TABLE meshmill.breaker
    ADD COLUMN blame text;
COMMENT ON COLUMN meshmill.breaker.blame IS 'The verdict that many keys met at once and that opened it; while it is open the same verdict benches no key. NULL: it opened for failures in a row, or is closed.';

ALTER TABLE meshmill.batches
    ADD COLUMN refused_code text,
    ADD COLUMN refused_jobs bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN doubted_at timestamptz,
    ADD COLUMN probe_at timestamptz,
    ADD COLUMN probe_times integer NOT NULL DEFAULT 0,
    ADD COLUMN doubt text,
    ADD CONSTRAINT doubted_has_probe_at CHECK ((doubted_at IS NULL) = (probe_at IS NULL));
COMMENT ON COLUMN meshmill.batches.refused_code IS 'The code of the 400s that came in a row since the last accepted POST. NULL: none.';
COMMENT ON COLUMN meshmill.batches.refused_jobs IS 'The distinct jobs that met it, at most five; the fifth pauses the batch.';
COMMENT ON COLUMN meshmill.batches.doubted_at IS 'Since when it is paused because five jobs in a row were refused alike: the preset or the API, not the images. NULL: it is not.';
COMMENT ON COLUMN meshmill.batches.probe_at IS 'When its next job is tried, while doubted_at is set; an accepted one ends the pause.';
COMMENT ON COLUMN meshmill.batches.probe_times IS 'Probes that were refused since doubted_at; the wait doubles with it.';
COMMENT ON COLUMN meshmill.batches.doubt IS 'Why it is paused by itself, for people. NULL: it is not.';

ALTER TABLE meshmill.jobs
    ADD COLUMN due boolean NOT NULL DEFAULT false,
    ADD COLUMN verifying boolean NOT NULL DEFAULT false;
CREATE INDEX jobs_due ON meshmill.jobs (batch_id, priority DESC, id) WHERE state = 'queued' AND due;
COMMENT ON INDEX meshmill.jobs_due IS 'Claim: the small lane of retries, read before fresh jobs.';
COMMENT ON COLUMN meshmill.jobs.due IS 'True while it is queued once more: a retry or a promoted job, in the lane that claims read first. A fresh job has none of that.';
COMMENT ON COLUMN meshmill.jobs.verifying IS 'True while its worker reads its GLB: a worker that dies now counts in crash_count.';

ALTER TABLE meshmill.tenants
    ADD COLUMN due_share double precision NOT NULL DEFAULT 1;
COMMENT ON COLUMN meshmill.tenants.due_share IS 'Slots that its due lane may take while fresh jobs wait: grows by a fifth of each slot granted, up to one more than a fifth of a claim.';

ALTER TYPE meshmill.claimed ADD ATTRIBUTE priority smallint;
ALTER TYPE meshmill.claimed ADD ATTRIBUTE due boolean;
ALTER TYPE meshmill.orphan ADD ATTRIBUTE crash_count smallint;
