-- What people read of the provider's side: keys, their windows, and the accounts they spend from.

CREATE VIEW ops.keys AS
SELECT k.name AS key,
       k.state AS status,
       k.state_reason AS reason,
       o.name AS org,
       p.name AS pool,
       k.rate_limit,
       k.rate_window,
       s.free AS free_slots,
       k.reserve_slots,
       greatest(k.ready_at, k.blocked_until) AS next_post_at,
       CASE
           WHEN k.state <> 'active' THEN k.state::text
           WHEN l.submitting > 0 THEN 'submitting'
           WHEN k.blocked_until > c.now THEN 'hold'
           WHEN s.free = 0 THEN 'window'
           WHEN s.free <= k.reserve_slots THEN 'reserve'
           WHEN k.next_send_at > c.now THEN 'pace'
           WHEN NOT meshmill.has_quota(k) THEN 'quota'
           WHEN o.paused OR p.paused THEN 'paused'
           WHEN NOT meshmill.may_spend(o, c.now) THEN 'credits'
       END AS blocked_by,
       k.blocked_until,
       c.window_model,
       k.next_send_at,
       k.margin,
       k.use_rank,
       k.paused_until,
       k.probe_at,
       coalesce(l.submitting, 0) AS submitting,
       coalesce(l.generating, 0) AS generating,
       least(k.monthly_limit, k.provider_monthly_limit) AS monthly_limit,
       greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) AS monthly_used,
       k.reserved AS credits_reserved,
       CASE WHEN coalesce(k.monthly_limit, k.provider_monthly_limit) IS NOT NULL THEN
           greatest(least(k.monthly_limit, k.provider_monthly_limit)
               - greatest(k.monthly_used, coalesce(k.provider_monthly_used, 0)) - k.reserved, 0)
       END AS monthly_left,
       k.monthly_limit AS our_monthly_limit,
       k.provider_monthly_limit,
       k.posts,
       k.accepted_at,
       k.last_post_at,
       k.created_at,
       k.removed_at,
       k.id AS key_id
FROM meshmill.keys AS k
JOIN meshmill.orgs AS o ON o.id = k.org_id
JOIN meshmill.pools AS p ON p.id = k.pool_id
-- The clock and the model are asked once and not for each key.
CROSS JOIN (SELECT meshmill.clock() AS now, meshmill.window_model() AS window_model OFFSET 0) AS c
JOIN (
    SELECT s.key_id, count(*) FILTER (WHERE s.free_at <= (SELECT meshmill.clock())) AS free
    FROM meshmill.slots AS s GROUP BY s.key_id
) AS s ON s.key_id = k.id
LEFT JOIN (
    SELECT a.key_id,
           count(*) FILTER (WHERE a.state = 'submitting') AS submitting,
           count(*) FILTER (WHERE a.state = 'generating') AS generating
    FROM meshmill.attempts AS a
    WHERE a.state IN ('submitting', 'generating') AND a.id > 0  -- for one_live_attempt_a_job
    GROUP BY a.key_id
) AS l ON l.key_id = k.id;
COMMENT ON VIEW ops.keys IS 'One row for each API key, removed ones included; never its secret.';
COMMENT ON COLUMN ops.keys.key IS 'Its name.';
COMMENT ON COLUMN ops.keys.status IS 'active; paused by a person; draining: no new POST, in flight goes on; parked: out of quota, tried again at probe_at; disabled: refused by the provider, tried again at probe_at; removed.';
COMMENT ON COLUMN ops.keys.reason IS 'Why it is not active, or is blocked. NULL: nothing to say.';
COMMENT ON COLUMN ops.keys.org IS 'The account whose credits it spends.';
COMMENT ON COLUMN ops.keys.pool IS 'Which tenants may use it.';
COMMENT ON COLUMN ops.keys.rate_limit IS 'Creations per rate_window.';
COMMENT ON COLUMN ops.keys.rate_window IS 'Length of the provider''s window.';
COMMENT ON COLUMN ops.keys.free_slots IS 'Slots of the window that are free now.';
COMMENT ON COLUMN ops.keys.reserve_slots IS 'Slots kept free for people who use the key elsewhere.';
COMMENT ON COLUMN ops.keys.next_post_at IS 'The earliest instant of its next POST, by slots, pace and holds.';
COMMENT ON COLUMN ops.keys.blocked_by IS 'Why it sends nothing now: its status if not active; submitting: one POST at a time; hold: a 429 or a quarantine, see reason; window: no slot is free; reserve: the free ones are kept for people; pace; quota: its month is used up; paused: its org or pool; credits: its org has none. NULL: it is ready.';
COMMENT ON COLUMN ops.keys.window_model IS 'slots, paced or strict: see ops.window_model; the same for all keys.';
COMMENT ON COLUMN ops.keys.next_send_at IS 'By its pace, the earliest instant of its next POST. NULL in the model slots.';
COMMENT ON COLUMN ops.keys.margin IS 'Added to the window before a slot is used again.';
COMMENT ON COLUMN ops.keys.use_rank IS 'Thirty-seconds of its month that are used or reserved, by which the key policy of its pool orders.';
COMMENT ON COLUMN ops.keys.blocked_until IS 'A hold: a 429, or a quarantine. NULL: none.';
COMMENT ON COLUMN ops.keys.paused_until IS 'When a pause ends by itself. NULL: a person ends it, or it is not paused.';
COMMENT ON COLUMN ops.keys.probe_at IS 'When a parked or disabled key is tried again with one real job.';
COMMENT ON COLUMN ops.keys.submitting IS 'POSTs under way: 0 or 1.';
COMMENT ON COLUMN ops.keys.generating IS 'Generations that the provider works on.';
COMMENT ON COLUMN ops.keys.monthly_limit IS 'Credits a month: the lesser of our cap and the provider''s. NULL: no limit.';
COMMENT ON COLUMN ops.keys.monthly_used IS 'Credits used this month: the greater of our count and the provider''s.';
COMMENT ON COLUMN ops.keys.credits_reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN ops.keys.monthly_left IS 'Credits that it may still spend this month. NULL: no limit.';
COMMENT ON COLUMN ops.keys.our_monthly_limit IS 'Our own cap. NULL: none.';
COMMENT ON COLUMN ops.keys.provider_monthly_limit IS 'The limit that the provider last reported. NULL: none reported.';
COMMENT ON COLUMN ops.keys.posts IS 'POSTs ever sent with it.';
COMMENT ON COLUMN ops.keys.accepted_at IS 'When the provider first accepted it. NULL: never.';
COMMENT ON COLUMN ops.keys.last_post_at IS 'When it was last claimed for a POST.';
COMMENT ON COLUMN ops.keys.created_at IS 'When it was added.';
COMMENT ON COLUMN ops.keys.removed_at IS 'When it was removed. NULL: it was not.';
COMMENT ON COLUMN ops.keys.key_id IS 'Ours.';

CREATE VIEW ops.slots AS
SELECT k.name AS key,
       s.ordinal AS slot,
       CASE WHEN s.free_at <= (SELECT meshmill.clock()) THEN 'free' WHEN a.state = 'submitting' THEN 'submitting' ELSE 'counted' END AS status,
       s.free_at,
       greatest(s.free_at - (SELECT meshmill.clock()), interval '0') AS free_in,
       a.job_id,
       s.attempt_id
FROM meshmill.slots AS s
JOIN meshmill.keys AS k ON k.id = s.key_id AND k.state <> 'removed'
LEFT JOIN meshmill.attempts AS a ON a.id = s.attempt_id;
COMMENT ON VIEW ops.slots IS 'One row for each admission of a key''s window.';
COMMENT ON COLUMN ops.slots.key IS 'Name of the key.';
COMMENT ON COLUMN ops.slots.slot IS '0 up to rate_limit - 1.';
COMMENT ON COLUMN ops.slots.status IS 'free; submitting: its POST is under way; counted: the provider still counts its last POST.';
COMMENT ON COLUMN ops.slots.free_at IS 'When it may be used again; in the past if it is free.';
COMMENT ON COLUMN ops.slots.free_in IS 'How long until then; zero if it is free.';
COMMENT ON COLUMN ops.slots.job_id IS 'The job that last used it. NULL: never used.';
COMMENT ON COLUMN ops.slots.attempt_id IS 'The attempt that last took it. NULL: never taken.';

CREATE VIEW ops.orgs AS
SELECT o.name AS org,
       CASE WHEN o.paused THEN 'paused' WHEN o.parked_until > (SELECT meshmill.clock()) THEN 'parked' ELSE 'active' END AS status,
       o.parked_reason AS reason,
       o.credits_remaining,
       o.credits_observed_at,
       o.reserved AS credits_reserved,
       o.parked_until,
       coalesce(k.keys, 0) AS keys,
       o.created_at,
       o.id AS org_id
FROM meshmill.orgs AS o
LEFT JOIN (
    SELECT k.org_id, count(*) AS keys FROM meshmill.keys AS k WHERE k.state <> 'removed' GROUP BY k.org_id
) AS k ON k.org_id = o.id;
COMMENT ON VIEW ops.orgs IS 'One row for each account at the provider, whose credits its keys share.';
COMMENT ON COLUMN ops.orgs.org IS 'Its name.';
COMMENT ON COLUMN ops.orgs.status IS 'active; paused by a person; parked: out of credits until parked_until.';
COMMENT ON COLUMN ops.orgs.reason IS 'The provider''s words when it was parked.';
COMMENT ON COLUMN ops.orgs.credits_remaining IS 'What the provider last said. NULL: it never did.';
COMMENT ON COLUMN ops.orgs.credits_observed_at IS 'When it said so.';
COMMENT ON COLUMN ops.orgs.credits_reserved IS 'Credits reserved by attempts that are not settled.';
COMMENT ON COLUMN ops.orgs.parked_until IS 'When a parked org is tried again with one real job.';
COMMENT ON COLUMN ops.orgs.keys IS 'How many keys it has.';
COMMENT ON COLUMN ops.orgs.created_at IS 'When it was added.';
COMMENT ON COLUMN ops.orgs.org_id IS 'Ours.';

CREATE VIEW ops.pools AS
SELECT p.name AS pool,
       CASE WHEN p.paused THEN 'paused' ELSE 'active' END AS status,
       coalesce(k.keys, 0) AS keys,
       coalesce(k.active_keys, 0) AS active_keys,
       k.next_post_at,
       coalesce(t.tenants, 0) AS tenants,
       p.id AS pool_id
FROM meshmill.pools AS p
LEFT JOIN (
    SELECT k.pool_id,
           count(*) AS keys,
           count(*) FILTER (WHERE k.state = 'active') AS active_keys,
           min(greatest(k.ready_at, k.blocked_until)) FILTER (WHERE k.state = 'active') AS next_post_at
    FROM meshmill.keys AS k WHERE k.state <> 'removed' GROUP BY k.pool_id
) AS k ON k.pool_id = p.id
LEFT JOIN (SELECT t.pool_id, count(*) AS tenants FROM meshmill.tenants AS t GROUP BY t.pool_id) AS t ON t.pool_id = p.id;
COMMENT ON VIEW ops.pools IS 'One row for each pool: a set of keys, and the tenants whose jobs use these keys and no others.';
COMMENT ON COLUMN ops.pools.pool IS 'Its name.';
COMMENT ON COLUMN ops.pools.status IS 'active, or paused: no new POST with any of its keys.';
COMMENT ON COLUMN ops.pools.keys IS 'How many keys it has, removed ones apart.';
COMMENT ON COLUMN ops.pools.active_keys IS 'How many of them are active.';
COMMENT ON COLUMN ops.pools.next_post_at IS 'The earliest instant of the next POST with any of them, by slots and holds. NULL: none is active.';
COMMENT ON COLUMN ops.pools.tenants IS 'How many tenants use it.';
COMMENT ON COLUMN ops.pools.pool_id IS 'Ours.';
