-- Credits as operators see them: our books beside the provider's numbers.

CREATE VIEW ops.credit_drift AS
SELECT 'key' AS scope,
       o.name AS org,
       k.name AS key,
       k.monthly_used AS ours,
       k.provider_monthly_used AS provider,
       (SELECT count(*) FROM meshmill.attempts AS a
        WHERE a.org_id = k.org_id AND a.state IN ('unknown', 'refused') AND a.reserved AND a.key_id = k.id) AS doubtful,
       k.monthly_outside AS external,
       k.provider_monthly_used - k.monthly_used - k.monthly_outside AS gap,
       d.since,
       d.credits AS unbooked,
       k.observed_at,
       CASE WHEN d.credits > 0 AND k.reserve_slots = 0 THEN
           'somebody else uses this key: leave slots for them (reserve_slots), or give them a key of their own'
       END AS advice
FROM meshmill.keys AS k
JOIN meshmill.orgs AS o ON o.id = k.org_id
CROSS JOIN LATERAL (
    SELECT min(d.at) AS since, coalesce(sum(d.amount), 0)::bigint AS credits
    FROM meshmill.drifts AS d WHERE d.is_open AND d.org_id = k.org_id AND d.key_id = k.id
) AS d
WHERE k.state <> 'removed' AND k.provider_monthly_used IS NOT NULL
UNION ALL
SELECT 'org', o.name, NULL, o.credits_remaining, o.credits_reported,
       (SELECT count(*) FROM meshmill.attempts AS a
        WHERE a.org_id = o.id AND a.state IN ('unknown', 'refused') AND a.reserved),
       (SELECT coalesce(sum(d.amount), 0)::bigint FROM meshmill.drifts AS d WHERE d.org_id = o.id AND d.key_id IS NULL),
       o.credits_reported - o.credits_remaining, d.since, d.credits, o.credits_observed_at,
       CASE WHEN d.credits > 0 THEN 'somebody else spends this account''s credits, or another key here belongs to it' END
FROM meshmill.orgs AS o
CROSS JOIN LATERAL (
    SELECT min(d.at) AS since, coalesce(sum(d.amount), 0)::bigint AS credits
    FROM meshmill.drifts AS d WHERE d.is_open AND d.org_id = o.id AND d.key_id IS NULL
) AS d
WHERE o.credits_reported IS NOT NULL;
COMMENT ON VIEW ops.credit_drift IS 'One row for each key whose month the provider counts, and for each org whose credits it reports: our books beside its numbers.';
COMMENT ON COLUMN ops.credit_drift.scope IS 'key: credits used in its month. org: credits that are left.';
COMMENT ON COLUMN ops.credit_drift.org IS 'Name of the org.';
COMMENT ON COLUMN ops.credit_drift.key IS 'Name of the key. NULL for an org.';
COMMENT ON COLUMN ops.credit_drift.ours IS 'By our books: what this key was charged by us in its month; or what the org has left.';
COMMENT ON COLUMN ops.credit_drift.provider IS 'By the provider: what the key used in its month, moved on by our own charges since it said so; or what the org had left when it last said.';
COMMENT ON COLUMN ops.credit_drift.doubtful IS 'POSTs whose answer is unknown and whose credit is in doubt.';
COMMENT ON COLUMN ops.credit_drift.external IS 'Credits that others used: with a key in its month, before we had it included; with an org''s account outside of its known keys, ever.';
COMMENT ON COLUMN ops.credit_drift.gap IS 'What remains between the two: refunds, doubts and POSTs in flight that one side has and the other not yet. 0 when all is told.';
COMMENT ON COLUMN ops.credit_drift.since IS 'Since when there is use by others that is not booked yet. NULL: there is none.';
COMMENT ON COLUMN ops.credit_drift.unbooked IS 'Credits of that use: booked as external after a day, unless a late refund explains them.';
COMMENT ON COLUMN ops.credit_drift.observed_at IS 'When the provider last told.';
COMMENT ON COLUMN ops.credit_drift.advice IS 'What to do about it. NULL: nothing.';
