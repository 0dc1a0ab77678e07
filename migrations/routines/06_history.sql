-- What is at hand and what was put away, read as one. See 56_retention.sql.

CREATE VIEW meshmill.all_jobs AS
SELECT * FROM meshmill.jobs
UNION ALL
SELECT * FROM meshmill.old_jobs;
COMMENT ON VIEW meshmill.all_jobs IS 'Jobs and old jobs.';

CREATE VIEW meshmill.all_attempts AS
SELECT a.*, NULL::date AS month FROM meshmill.attempts AS a
UNION ALL
SELECT o.* FROM meshmill.old_attempts AS o;
COMMENT ON VIEW meshmill.all_attempts IS 'Attempts of jobs and of old jobs.';

CREATE VIEW meshmill.all_ledger AS
SELECT l.*, NULL::date AS month FROM meshmill.ledger AS l
UNION ALL
SELECT o.* FROM meshmill.old_ledger AS o;
COMMENT ON VIEW meshmill.all_ledger IS 'Entries of the ledger and of the old ledger.';
