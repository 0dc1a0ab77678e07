-- What people do to the whole installation: the switch, the breaker, the audit.

CREATE FUNCTION ops.stop_submitting(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_submitting(false, reason); END;
COMMENT ON FUNCTION ops.stop_submitting(text) IS 'Stops every new POST of every worker within two seconds; polls and downloads go on. False if it was so already.';

CREATE FUNCTION ops.start_submitting(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.set_submitting(true, reason); END;
COMMENT ON FUNCTION ops.start_submitting(text) IS 'Allows new POSTs again. False if it was so already.';

CREATE FUNCTION ops.reset_breaker(reason text DEFAULT NULL) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT meshmill.reset_breaker(reason); END;
COMMENT ON FUNCTION ops.reset_breaker(text) IS 'Closes the breaker at once, so that POSTs go out as the windows allow. True if it was open.';

CREATE FUNCTION ops.audit(rows integer DEFAULT 100)
    RETURNS TABLE (name text, holds text, ok boolean, violations bigint, findings jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.name, a.holds, a.ok, a.violations, a.findings FROM meshmill.run_audit(rows) AS a;
END;
COMMENT ON FUNCTION ops.audit(integer) IS 'Checks what must always hold: one row a check, with up to so many offending rows each. It reads whole tables.';
