-- What people read of the window model: what is in force, and what 429s taught.

CREATE VIEW ops.window_model AS
SELECT meshmill.window_model() AS window_model,
       coalesce(p.pinned::text, 'auto') AS setting,
       p.learned,
       p.changed_at,
       p.reason,
       p.stepped_at,
       p.learning_since,
       a.answers AS rate_limited,
       a.unexplained,
       a.log_score,
       b.phase_score,
       a.spacing_score,
       p.clock_stepped_at,
       p.clock_step,
       s.changed_at AS restored_at,
       s.change AS restored
FROM meshmill.window_profile AS p
CROSS JOIN meshmill.server_seen AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS answers,
           count(*) FILTER (WHERE r.verdict = 'unexplained') AS unexplained,
           avg(r.matches_own_post::integer) AS log_score,
           avg((r.retry_after <= extract(epoch FROM r.rate_window / r.rate_limit + r.margin))::integer) AS spacing_score
    FROM meshmill.rate_limit_answers AS r
    WHERE r.at > p.learning_since
) AS a
CROSS JOIN LATERAL (
    -- How closely the ends of the waits of a key lie together, as angles of a window's share: 1 is one instant.
    SELECT avg(c.length) AS phase_score
    FROM (
        SELECT sqrt(avg(cos(n.angle)) ^ 2 + avg(sin(n.angle)) ^ 2) AS length
        FROM meshmill.rate_limit_answers AS r
        CROSS JOIN LATERAL (
            SELECT 2 * pi() * r.rate_limit * (extract(epoch FROM r.at)::double precision + r.retry_after)
                / extract(epoch FROM r.rate_window)::double precision AS angle
        ) AS n
        WHERE r.at > p.learning_since AND r.retry_after IS NOT NULL
        GROUP BY r.key_id
        HAVING count(*) >= 2
    ) AS c
) AS b;
COMMENT ON VIEW ops.window_model IS 'One row: how carefully the windows of all keys are spent, and what 429s said about the provider. Pin it with meshmill settings set window_model slots|paced|strict; auto begins to learn anew from slots.';
COMMENT ON COLUMN ops.window_model.window_model IS 'The model in force. slots: a slot is used again one window after its answer; paced: POSTs of a key are also window / limit apart; strict: window / (limit - 1) apart.';
COMMENT ON COLUMN ops.window_model.setting IS 'auto, or the pinned model.';
COMMENT ON COLUMN ops.window_model.learned IS 'What 429s led to; it steps from slots to paced to strict, and never back by itself.';
COMMENT ON COLUMN ops.window_model.changed_at IS 'Since when the model in force is in force.';
COMMENT ON COLUMN ops.window_model.reason IS 'Why. NULL: nothing has happened.';
COMMENT ON COLUMN ops.window_model.stepped_at IS 'When it last stepped by itself. NULL: never.';
COMMENT ON COLUMN ops.window_model.learning_since IS 'Since when it learns.';
COMMENT ON COLUMN ops.window_model.rate_limited IS '429s since then, of the last thousand; see ops.rate_limit_answers.';
COMMENT ON COLUMN ops.window_model.unexplained IS 'How many of them our own log, use by others, an unknown past and the clock do not explain.';
COMMENT ON COLUMN ops.window_model.log_score IS 'First hypothesis, a log of requests that others share: the part of 429s whose wait ends one window after a POST of ours. NULL: none named a wait.';
COMMENT ON COLUMN ops.window_model.phase_score IS 'Second, fixed windows or counters: how closely the waits of a key end at the same phase, 0 to 1. NULL: no key has two.';
COMMENT ON COLUMN ops.window_model.spacing_score IS 'Third, a bucket or spaced requests: the part of 429s whose wait is at most window / limit. NULL: none named a wait.';
COMMENT ON COLUMN ops.window_model.clock_stepped_at IS 'When the database''s clock was last seen to have jumped forward. NULL: never.';
COMMENT ON COLUMN ops.window_model.clock_step IS 'By how much, with the jump before if that was within a window; all windows were lengthened by it.';
COMMENT ON COLUMN ops.window_model.restored_at IS 'When a restore or failover was last noticed; all keys then waited one window. NULL: never.';
COMMENT ON COLUMN ops.window_model.restored IS 'What it was.';

CREATE VIEW ops.rate_limit_answers AS
SELECT r.id AS answer_id, r.at, k.name AS key, a.job_id, r.attempt_id, r.verdict, r.window_model, r.rate_limit, r.rate_window,
       r.margin, r.stated_limit, r.stated_used, r.stated_remaining, r.retry_after, r.own_posts, r.own_posts_of_two,
       r.matches_own_post
FROM meshmill.rate_limit_answers AS r
LEFT JOIN meshmill.keys AS k ON k.id = r.key_id
LEFT JOIN meshmill.attempts AS a ON a.id = r.attempt_id;
COMMENT ON VIEW ops.rate_limit_answers IS 'The last thousand 429s, each with what our own log says about it.';
COMMENT ON COLUMN ops.rate_limit_answers.answer_id IS 'Ours; ascending with time.';
COMMENT ON COLUMN ops.rate_limit_answers.at IS 'When it was recorded.';
COMMENT ON COLUMN ops.rate_limit_answers.key IS 'Name of the key.';
COMMENT ON COLUMN ops.rate_limit_answers.job_id IS 'The job whose POST was refused.';
COMMENT ON COLUMN ops.rate_limit_answers.attempt_id IS 'That POST.';
COMMENT ON COLUMN ops.rate_limit_answers.verdict IS 'What explains it. limit: the provider allows fewer; margin: the slot was used a moment too soon; own_log: we sent as many; unknown_past: the key is known for less than a window; clock_step: the database''s clock jumped; outside_use: others use the key; unexplained.';
COMMENT ON COLUMN ops.rate_limit_answers.window_model IS 'The model in force then.';
COMMENT ON COLUMN ops.rate_limit_answers.rate_limit IS 'The key''s limit then.';
COMMENT ON COLUMN ops.rate_limit_answers.rate_window IS 'The key''s window then.';
COMMENT ON COLUMN ops.rate_limit_answers.margin IS 'The key''s margin then.';
COMMENT ON COLUMN ops.rate_limit_answers.stated_limit IS 'The limit that the answer named. NULL: none.';
COMMENT ON COLUMN ops.rate_limit_answers.stated_used IS 'How much was used, as the answer said. NULL: not said.';
COMMENT ON COLUMN ops.rate_limit_answers.stated_remaining IS 'How much was left, as the answer said. NULL: not said.';
COMMENT ON COLUMN ops.rate_limit_answers.retry_after IS 'Seconds to wait, as the answer said. NULL: not said, or no number.';
COMMENT ON COLUMN ops.rate_limit_answers.own_posts IS 'Our other POSTs that the provider may have counted in the window before.';
COMMENT ON COLUMN ops.rate_limit_answers.own_posts_of_two IS 'The same of the two windows before.';
COMMENT ON COLUMN ops.rate_limit_answers.matches_own_post IS 'True if the wait ends one window after one of our own POSTs. NULL: no wait was named.';
