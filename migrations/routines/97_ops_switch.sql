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
