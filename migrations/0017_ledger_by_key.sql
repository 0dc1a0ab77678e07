-- Where a key's credits went, over millions of entries.

CREATE INDEX ledger_key ON meshmill.ledger (key_id, id);
COMMENT ON INDEX meshmill.ledger_key IS 'ops.ledger: the entries of a key.';
CREATE INDEX old_ledger_key ON meshmill.old_ledger (key_id, id);
COMMENT ON INDEX meshmill.old_ledger_key IS 'ops.ledger: the entries of a key.';
