-- Window models: how carefully a key's slots are spent, and what 429s taught about the provider.

CREATE TYPE meshmill.window_model AS ENUM ('slots', 'paced', 'strict');
COMMENT ON TYPE meshmill.window_model IS 'slots: a slot is used again one window after its answer; paced: POSTs of a key are also window / limit apart; strict: window / (limit - 1) apart.';

CREATE TABLE meshmill.window_profile (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT one_window_profile CHECK (singleton),
    pinned meshmill.window_model,
    learned meshmill.window_model NOT NULL DEFAULT 'slots',
    changed_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    reason text,
    learning_since timestamptz NOT NULL DEFAULT meshmill.clock(),
    stepped_at timestamptz,
    clock_stepped_at timestamptz,
    clock_step interval,
    clock_step_seen_until timestamptz
);
COMMENT ON TABLE meshmill.window_profile IS 'One row: which window model all keys go by, since they share one provider.';
COMMENT ON COLUMN meshmill.window_profile.singleton IS 'Always true: there is one row.';
COMMENT ON COLUMN meshmill.window_profile.pinned IS 'The model that an admin chose. NULL: auto, what was learned.';
COMMENT ON COLUMN meshmill.window_profile.learned IS 'The model that 429s led to; it steps from slots to paced to strict, and never back by itself.';
COMMENT ON COLUMN meshmill.window_profile.changed_at IS 'Since when the model in force is in force.';
COMMENT ON COLUMN meshmill.window_profile.reason IS 'Why, for people.';
COMMENT ON COLUMN meshmill.window_profile.learning_since IS 'Answers before this do not count: an admin began anew.';
COMMENT ON COLUMN meshmill.window_profile.stepped_at IS 'When it last stepped by itself; one quiet window follows. NULL: never.';
COMMENT ON COLUMN meshmill.window_profile.clock_stepped_at IS 'When the database''s clock was last seen to have jumped forward. NULL: never.';
COMMENT ON COLUMN meshmill.window_profile.clock_step IS 'By how much.';
COMMENT ON COLUMN meshmill.window_profile.clock_step_seen_until IS 'End, by the server''s own clock, of the time in which that jump lies: reports of earlier times are of the same jump.';
INSERT INTO meshmill.window_profile DEFAULT VALUES;

CREATE TABLE meshmill.rate_limit_answers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    key_id bigint NOT NULL,
    attempt_id bigint NOT NULL,
    window_model meshmill.window_model NOT NULL,
    rate_limit integer NOT NULL,
    rate_window interval NOT NULL,
    margin interval NOT NULL,
    stated_limit bigint,
    stated_used bigint,
    stated_remaining bigint,
    retry_after double precision,
    own_posts integer NOT NULL,
    own_posts_of_two integer NOT NULL,
    matches_own_post boolean,
    verdict text NOT NULL CONSTRAINT verdict_known CHECK (verdict IN
        ('limit', 'margin', 'own_log', 'unknown_past', 'clock_step', 'outside_use', 'unexplained'))
);
COMMENT ON TABLE meshmill.rate_limit_answers IS 'The last thousand 429s, with what our own log says about each: what the window model is learned from.';
COMMENT ON COLUMN meshmill.rate_limit_answers.id IS 'Ours; ascending with time. Those that are more than a thousand behind are dropped.';
COMMENT ON COLUMN meshmill.rate_limit_answers.at IS 'When the answer was recorded.';
COMMENT ON COLUMN meshmill.rate_limit_answers.key_id IS 'The key.';
COMMENT ON COLUMN meshmill.rate_limit_answers.attempt_id IS 'The POST that was refused.';
COMMENT ON COLUMN meshmill.rate_limit_answers.window_model IS 'The model in force at that time.';
COMMENT ON COLUMN meshmill.rate_limit_answers.rate_limit IS 'The key''s limit at that time.';
COMMENT ON COLUMN meshmill.rate_limit_answers.rate_window IS 'The key''s window at that time.';
COMMENT ON COLUMN meshmill.rate_limit_answers.margin IS 'The key''s margin at that time.';
COMMENT ON COLUMN meshmill.rate_limit_answers.stated_limit IS 'The limit that the answer named. NULL: none.';
COMMENT ON COLUMN meshmill.rate_limit_answers.stated_used IS 'How much of it was used, as the answer said. NULL: not said.';
COMMENT ON COLUMN meshmill.rate_limit_answers.stated_remaining IS 'How much of it was left, as the answer said. NULL: not said.';
COMMENT ON COLUMN meshmill.rate_limit_answers.retry_after IS 'Seconds to wait, as the answer said. NULL: not said, or no number.';
COMMENT ON COLUMN meshmill.rate_limit_answers.own_posts IS 'Our other POSTs that the provider may have counted in the window before.';
COMMENT ON COLUMN meshmill.rate_limit_answers.own_posts_of_two IS 'The same of the two windows before.';
COMMENT ON COLUMN meshmill.rate_limit_answers.matches_own_post IS 'True if the wait ends one window after one of our own POSTs, as it does where the provider keeps a log of requests. NULL: no wait was named.';
COMMENT ON COLUMN meshmill.rate_limit_answers.verdict IS 'What explains it: a lower limit; too small a margin; our own log; an unknown past of the key; a step of the clock; use by others; or nothing: unexplained.';

-- ---------------------------------------------------------------------------------------------- keys

ALTER TABLE meshmill.keys
    ADD COLUMN next_send_at timestamptz,
    ADD COLUMN known_since timestamptz NOT NULL DEFAULT meshmill.clock(),
    ADD COLUMN stated_limit integer,
    ADD COLUMN stated_limit_at timestamptz,
    -- 0 is an untouched month, 32 one that is used up. A generated column, since whoever moves a credit moves it.
    ADD COLUMN use_rank smallint NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN least(monthly_limit, provider_monthly_limit) IS NULL THEN 0
            ELSE least(32 * (greatest(monthly_used, coalesce(provider_monthly_used, 0)) + reserved)
                / greatest(least(monthly_limit, provider_monthly_limit), 1), 32)
        END::smallint) STORED;
UPDATE meshmill.keys SET known_since = created_at;
COMMENT ON COLUMN meshmill.keys.next_send_at IS 'By its pace, the earliest instant of its next POST: pessimistic while one is in flight, exact after its answer. NULL in the window model slots.';
COMMENT ON COLUMN meshmill.keys.known_since IS 'Since when our own log tells all that may have been sent with it: since it was added, or quarantined.';
COMMENT ON COLUMN meshmill.keys.stated_limit IS 'A greater limit than ours that a 429 named; taken over after one window without another. NULL: none.';
COMMENT ON COLUMN meshmill.keys.stated_limit_at IS 'When a 429 last named it.';
COMMENT ON COLUMN meshmill.keys.use_rank IS 'Thirty-seconds of its month that are used or reserved, 0 to 32; 0 without a limit.';

CREATE INDEX keys_ready ON meshmill.keys (pool_id, use_rank, ready_at) WHERE state = 'active';
COMMENT ON INDEX meshmill.keys_ready IS 'Claim: the keys that are ready, most of the month left first, then the longest ready.';
CREATE INDEX keys_to_probe ON meshmill.keys (pool_id, probe_at) WHERE state IN ('parked', 'disabled');
COMMENT ON INDEX meshmill.keys_to_probe IS 'Claim: parked and disabled keys that are to be tried again.';

ALTER TABLE meshmill.pools
    ADD COLUMN key_policy text NOT NULL DEFAULT 'largest-remaining'
        CONSTRAINT key_policy_known CHECK (key_policy IN ('largest-remaining', 'even', 'fill-first'));
COMMENT ON COLUMN meshmill.pools.key_policy IS 'Which of the ready keys goes first. largest-remaining: the one with the largest share of its month left; even: in turn, but one that is ahead of an even pace through its month after the others; fill-first: the oldest key.';

-- ---------------------------------------------------------------------------------------------- attempts, ledger

ALTER TABLE meshmill.attempts ADD COLUMN uncounted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN meshmill.attempts.uncounted IS 'True: provably no byte of it reached the provider, so its slot was free at once.';

CREATE INDEX ledger_external ON meshmill.ledger (key_id, at) WHERE kind = 'external';
COMMENT ON INDEX meshmill.ledger_external IS 'Reading a 429: whether others used the key lately.';

-- ---------------------------------------------------------------------------------------------- the server

CREATE TABLE meshmill.server_seen (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT one_server_seen CHECK (singleton),
    system_identifier text,
    timeline bigint,
    started_at timestamptz,
    writes bigint NOT NULL DEFAULT 0,
    changed_at timestamptz,
    change text
);
COMMENT ON TABLE meshmill.server_seen IS 'One row: which server this database was last seen on. A restore or failover shows as another one, or as a counter that stepped back behind what workers remember; then no window is known.';
COMMENT ON COLUMN meshmill.server_seen.singleton IS 'Always true: there is one row.';
COMMENT ON COLUMN meshmill.server_seen.system_identifier IS 'The cluster''s, from its control file. NULL: no worker has looked yet.';
COMMENT ON COLUMN meshmill.server_seen.timeline IS 'Of its write-ahead log; a promotion starts a new one.';
COMMENT ON COLUMN meshmill.server_seen.started_at IS 'When the server was started. While it is another one, claims find nothing until a worker has looked.';
COMMENT ON COLUMN meshmill.server_seen.writes IS 'Grows with each look; workers and MESHMILL_HOME remember it.';
COMMENT ON COLUMN meshmill.server_seen.changed_at IS 'When a restore or failover was last noticed. NULL: never.';
COMMENT ON COLUMN meshmill.server_seen.change IS 'What it was, for people.';
INSERT INTO meshmill.server_seen DEFAULT VALUES;

ALTER TABLE meshmill.workers ADD COLUMN clock_skew interval;
COMMENT ON COLUMN meshmill.workers.clock_skew IS 'How far its host''s clock is ahead of the database''s; nothing depends on it. NULL: not compared.';
