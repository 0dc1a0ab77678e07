-- While all was idle, the last statistics show no attempt that is live, and both guards look equally empty: a look for
-- the POST in flight of one key may then be planned as a walk along all live attempts, which it stays in a busy session.
-- So this one is to be used by those alone who say that id > 0.
DROP INDEX meshmill.one_live_attempt_a_job;
CREATE UNIQUE INDEX one_live_attempt_a_job ON meshmill.attempts (job_id)
    WHERE state IN ('submitting', 'generating') AND id > 0;
COMMENT ON INDEX meshmill.one_live_attempt_a_job IS 'Guard: a job is never generated twice at once. A query that wants all live attempts by it says id > 0 as well.';
