-- Credits: what the provider's counters said, and what that tells about doubts, outside use, top-ups and month turns.
--
-- For each counter the books keep the number that the provider should report next. An answer that says otherwise is
-- explained by what is open (POSTs in flight, doubts, refunds that were not seen yet), and what is left is drift.

-- ---------------------------------------------------------------------------------------------- keys: the month

ALTER TABLE meshmill.keys
    ADD COLUMN month integer NOT NULL DEFAULT 0,
    ADD COLUMN month_began_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    ADD COLUMN turned_after timestamptz,
    ADD COLUMN turned_before timestamptz,
    ADD COLUMN month_length interval,
    ADD COLUMN monthly_expected bigint,
    ADD COLUMN monthly_outside bigint NOT NULL DEFAULT 0,
    ADD COLUMN observed_at timestamptz,
    ADD COLUMN observed_attempt bigint,
    ADD COLUMN expected_since_attempt bigint,
    ADD CONSTRAINT turned_is_an_interval CHECK ((turned_after IS NULL) = (turned_before IS NULL) AND turned_after <= turned_before);
COMMENT ON COLUMN meshmill.keys.monthly_used IS 'Credits charged by us in the present month; the fold of the ledger.';
COMMENT ON COLUMN meshmill.keys.month IS 'Counts the key''s months at the provider, as far as they were seen to turn; what monthly_used counts.';
COMMENT ON COLUMN meshmill.keys.month_began_at IS 'When the present month began to be counted here.';
COMMENT ON COLUMN meshmill.keys.turned_after IS 'The last turn of the month happened after this instant, when the old month''s number was last seen. NULL: none was seen.';
COMMENT ON COLUMN meshmill.keys.turned_before IS 'The last turn of the month had happened by this instant, when the new month''s number was first seen. NULL: none was seen.';
COMMENT ON COLUMN meshmill.keys.month_length IS 'Time between the last two turns that were seen. NULL: not two yet, a calendar month is assumed.';
COMMENT ON COLUMN meshmill.keys.monthly_expected IS 'What the provider should report as the month''s use when nothing is open, by our books. NULL: it reports none, or did not yet.';
COMMENT ON COLUMN meshmill.keys.monthly_outside IS 'Part of monthly_expected that is not ours: used before we had the key, or by others.';
COMMENT ON COLUMN meshmill.keys.observed_at IS 'When the provider last reported the month''s use. NULL: never.';
COMMENT ON COLUMN meshmill.keys.observed_attempt IS 'The newest attempt whose numbers were taken; those of older ones, which come late, are not.';
COMMENT ON COLUMN meshmill.keys.expected_since_attempt IS 'The attempt that first told the month''s use: the counter says nothing about doubts from before it.';

-- Months are told apart by observation now, not by the calendar; entries of a calendar month that is over count as over.
ALTER TABLE meshmill.ledger ADD COLUMN key_month integer NOT NULL DEFAULT 0;
ALTER TABLE meshmill.ledger DISABLE TRIGGER ledger_is_append_only;
UPDATE meshmill.ledger AS l SET key_month = -1 FROM meshmill.keys AS k WHERE k.id = l.key_id AND l.period < k.period;
ALTER TABLE meshmill.ledger ENABLE TRIGGER ledger_is_append_only;
ALTER TABLE meshmill.keys DROP COLUMN period;
COMMENT ON COLUMN meshmill.ledger.period IS 'The calendar month (UTC), by its first day, in whose budget of the tenant it counts.';
COMMENT ON COLUMN meshmill.ledger.key_month IS 'The month of the key in which it counts: see keys.month.';

-- The ledger is only appended to, so the times in it ascend with its pages.
CREATE INDEX ledger_at ON meshmill.ledger USING brin (at) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON INDEX meshmill.ledger_at IS 'Reports over a span of time.';

-- ---------------------------------------------------------------------------------------------- orgs: the credits

ALTER TABLE meshmill.orgs
    ADD COLUMN credits_reported bigint,
    ADD COLUMN credits_slack bigint NOT NULL DEFAULT 0 CONSTRAINT slack_not_negative CHECK (credits_slack >= 0),
    ADD COLUMN charged bigint NOT NULL DEFAULT 0,
    ADD COLUMN credit_errors integer NOT NULL DEFAULT 0;
UPDATE meshmill.orgs AS o SET charged = (
    SELECT coalesce(sum(l.amount), 0) FROM meshmill.ledger AS l WHERE l.org_id = o.id AND l.kind = 'charge');
COMMENT ON COLUMN meshmill.orgs.credits_remaining IS 'What the provider should report when nothing is open, by its numbers and our books. NULL until the first answer: not known, not limited.';
COMMENT ON COLUMN meshmill.orgs.credits_observed_at IS 'When the provider last reported the credits.';
COMMENT ON COLUMN meshmill.orgs.credits_reported IS 'What it then said. NULL: it never did.';
COMMENT ON COLUMN meshmill.orgs.credits_slack IS 'How much more than credits_remaining there may be: POSTs that were in flight when it was set may have been in the number already.';
COMMENT ON COLUMN meshmill.orgs.charged IS 'Credits ever charged, refunds aside; the fold of the ledger. Its growth during a POST tells which charges that POST''s answer may lack.';
COMMENT ON COLUMN meshmill.orgs.credit_errors IS 'Answers CREDIT_ERROR in a row; the third parks the org.';

ALTER TABLE meshmill.attempts
    ADD COLUMN org_charged bigint NOT NULL DEFAULT 0,
    ADD COLUMN evidence text CONSTRAINT evidence_known CHECK (evidence IN ('key_monthly_used', 'credits_remaining', 'none'));
COMMENT ON COLUMN meshmill.attempts.org_charged IS 'The org''s charged at the claim.';
COMMENT ON COLUMN meshmill.attempts.evidence IS 'Which counter told whether an attempt in doubt was charged; none: a window passed without evidence, and it counts as charged. NULL: it was not in doubt, or still is.';

CREATE INDEX attempts_doubts_of_org ON meshmill.attempts (org_id, id) WHERE state IN ('unknown', 'refused') AND reserved;
COMMENT ON INDEX meshmill.attempts_doubts_of_org IS 'Reconciliation: the doubts of an org.';

-- ---------------------------------------------------------------------------------------------- what is open

CREATE TABLE meshmill.open_refunds (
    attempt_id bigint PRIMARY KEY,
    key_id bigint NOT NULL,
    org_id bigint NOT NULL,
    amount bigint NOT NULL CONSTRAINT refund_positive CHECK (amount > 0),
    is_told boolean NOT NULL,
    on_key boolean NOT NULL,
    on_org boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT meshmill.clock()
) WITH (fillfactor = 70);
CREATE INDEX open_refunds_key ON meshmill.open_refunds (key_id, since) WHERE on_key;
CREATE INDEX open_refunds_org ON meshmill.open_refunds (org_id, since) WHERE on_org;
COMMENT ON TABLE meshmill.open_refunds IS 'Refunds that a counter of the provider should show and has not shown yet. A row goes when both have, or after a day.';
COMMENT ON INDEX meshmill.open_refunds_key IS 'Reconciliation: refunds that may still lower a key''s number.';
COMMENT ON INDEX meshmill.open_refunds_org IS 'Reconciliation: refunds that may still raise an org''s credits.';
COMMENT ON COLUMN meshmill.open_refunds.attempt_id IS 'The attempt that failed.';
COMMENT ON COLUMN meshmill.open_refunds.key_id IS 'Its key.';
COMMENT ON COLUMN meshmill.open_refunds.org_id IS 'Its org.';
COMMENT ON COLUMN meshmill.open_refunds.amount IS 'Credits.';
COMMENT ON COLUMN meshmill.open_refunds.is_told IS 'True: the provider said that it refunds, and the books have it. False: it may; the books wait for the counters.';
COMMENT ON COLUMN meshmill.open_refunds.on_key IS 'True while key_monthly_used may still fall by it; whether refunds lower it is not documented.';
COMMENT ON COLUMN meshmill.open_refunds.on_org IS 'True while credits_remaining may still rise by it.';
COMMENT ON COLUMN meshmill.open_refunds.since IS 'When the failure was recorded.';

CREATE TABLE meshmill.drifts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id bigint NOT NULL,
    key_id bigint,
    key_month integer NOT NULL DEFAULT 0,
    attempt_id bigint,
    amount bigint NOT NULL CONSTRAINT drift_not_negative CHECK (amount >= 0),
    found bigint NOT NULL CONSTRAINT drift_found_positive CHECK (found > 0),
    at timestamptz NOT NULL DEFAULT meshmill.clock(),
    is_open boolean NOT NULL DEFAULT true
) WITH (fillfactor = 70);
CREATE INDEX drifts_open ON meshmill.drifts (org_id, key_id, at) WHERE is_open;
COMMENT ON TABLE meshmill.drifts IS 'Use that the provider counted and nobody here made. It stays open for a day, since a late refund may explain it; what is left is then booked as external.';
COMMENT ON INDEX meshmill.drifts_open IS 'Reconciliation, reports: what is not booked yet.';
COMMENT ON COLUMN meshmill.drifts.id IS 'Random; the observation_id of the ledger entry that books it.';
COMMENT ON COLUMN meshmill.drifts.org_id IS 'Whose credits.';
COMMENT ON COLUMN meshmill.drifts.key_id IS 'Whose month. NULL: seen in the org''s credits only.';
COMMENT ON COLUMN meshmill.drifts.key_month IS 'The key''s month in which it was seen.';
COMMENT ON COLUMN meshmill.drifts.attempt_id IS 'The attempt whose answer showed it.';
COMMENT ON COLUMN meshmill.drifts.amount IS 'Credits that are still unexplained.';
COMMENT ON COLUMN meshmill.drifts.found IS 'Credits when it was seen.';
COMMENT ON COLUMN meshmill.drifts.at IS 'When it was seen.';
COMMENT ON COLUMN meshmill.drifts.is_open IS 'True until it is explained or booked.';
