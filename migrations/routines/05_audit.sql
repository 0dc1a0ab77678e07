-- The log of who did what; every action writes it in its own transaction.

CREATE FUNCTION meshmill.audit(
    p_what text,
    p_subject text,
    p_before jsonb,
    p_after jsonb,
    p_reason text
) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO meshmill.audit_log (what, subject, before, after, reason)
    VALUES (p_what, p_subject, p_before, p_after, p_reason)
    RETURNING id;
END;
COMMENT ON FUNCTION meshmill.audit(text, text, jsonb, jsonb, text) IS 'Writes one row of the audit log, in the transaction of the change itself, and returns its id.';
