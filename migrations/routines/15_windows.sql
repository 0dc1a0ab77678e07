-- Window models: what a 429 means, which model all keys go by, quarantine, and steps of the database's clock.
-- Whoever needs the lock of all keys is a transaction of its own: settling holds locks that come after them.

-- ---------------------------------------------------------------------------------------------- one 429

-- What explains a 429, from what it says and what our own log says. Nothing here is certain but the first two: a server
-- that keeps a log of requests ends its wait one window after a request, ours or another's; one that counts in fixed
-- windows ends it at an instant of its own; one that spaces requests never names more than window / limit.
CREATE FUNCTION meshmill.judge_rate_limit(
    p_limit integer,
    p_window interval,
    p_margin interval,
    p_stated_limit bigint,
    p_stated_used bigint,
    p_retry_after double precision,
    p_own_posts integer,
    p_own_posts_of_two integer,
    p_was_full boolean,
    p_matches_own_post boolean,
    p_past_is_known boolean,
    p_clock_stepped boolean,
    p_outside_use_seen boolean
) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN p_stated_limit BETWEEN 1 AND p_limit - 1 THEN 'limit'
        WHEN p_clock_stepped THEN 'clock_step'
        WHEN NOT p_past_is_known THEN 'unknown_past'
        -- Our rule never lets as many out; if it did, it is our fault and not the model's.
        WHEN p_own_posts >= p_limit THEN 'own_log'
        -- The slot was free since a moment ago, and so says the provider: it counts a little later than we think.
        WHEN p_was_full AND p_margin < interval '3 seconds' AND p_retry_after BETWEEN 0 AND extract(epoch FROM p_margin) + 1
            THEN 'margin'
        WHEN p_outside_use_seen THEN 'outside_use'
        WHEN p_matches_own_post THEN 'outside_use'
        -- More than we sent in all the time that any model looks at; spaced requests name no such wait.
        WHEN p_stated_used > p_own_posts_of_two
            AND p_retry_after BETWEEN extract(epoch FROM p_window / p_limit + p_margin) AND extract(epoch FROM 2 * p_window)
            THEN 'outside_use'
        ELSE 'unexplained'
    END;
COMMENT ON FUNCTION meshmill.judge_rate_limit(integer, interval, interval, bigint, bigint, double precision, integer, integer, boolean, boolean, boolean, boolean, boolean) IS 'What explains a 429: limit, clock_step, unknown_past, own_log, margin, outside_use, or nothing: unexplained.';

-- Records a 429 that was settled just now, in the same transaction: the key's lock is held. It acts on this key alone,
-- and only to slow it down; what all keys learn from it is the business of learn_window_model.
CREATE FUNCTION meshmill.note_rate_limit(
    p_attempt bigint, p_limit bigint, p_used bigint, p_remaining bigint, p_retry_after double precision
) RETURNS text
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_model meshmill.window_model := meshmill.window_model();
    -- A wait that is no wait is as good as none.
    v_retry_after double precision := CASE WHEN p_retry_after >= 0 AND p_retry_after < 'Infinity' THEN p_retry_after END;
    a meshmill.attempts;
    k meshmill.keys;
    v_own integer;
    v_own_of_two integer;
    v_recent integer;
    v_matches boolean;
    v_verdict text;
    v_id bigint;
    v_before jsonb;
BEGIN
    SELECT * INTO a FROM meshmill.attempts AS t WHERE t.id = p_attempt;
    SELECT * INTO k FROM meshmill.keys AS t WHERE t.id = a.key_id;
    -- Our own log. A POST counts if any instant at which it may have been counted lies in the time looked at.
    SELECT count(*) FILTER (WHERE o.latest > a.claimed_at - k.rate_window),
           count(*) FILTER (WHERE o.latest > a.claimed_at - 2 * k.rate_window),
           count(*) FILTER (WHERE o.latest > a.claimed_at - k.rate_window - k.margin - interval '1 second'),
           bool_or(tstzrange(o.claimed_at - t.tolerance, o.latest + t.tolerance, '[]')
               -- The clock may have been set back since the claim.
               && tstzrange(a.claimed_at + w.wait, greatest(v_now, a.claimed_at) + w.wait, '[]'))
    INTO v_own, v_own_of_two, v_recent, v_matches
    FROM (
        SELECT p.claimed_at, greatest(meshmill.latest_count(p), p.claimed_at) AS latest
        FROM meshmill.attempts AS p
        WHERE p.key_id = k.id AND p.id < a.id AND NOT p.uncounted
        ORDER BY p.id DESC
        LIMIT 3 * k.rate_limit
    ) AS o
    CROSS JOIN (SELECT least(v_retry_after, 1e9) * interval '1 second' - k.rate_window AS wait) AS w
    -- A server that names whole seconds is up to one off; but a match must mean something in a short window too.
    CROSS JOIN (
        SELECT least(greatest(k.margin, interval '1 second'), k.rate_window / (10 * k.rate_limit)) AS tolerance
    ) AS t;
    v_verdict := meshmill.judge_rate_limit(
        k.rate_limit, k.rate_window, k.margin, p_limit, p_used, v_retry_after, v_own, v_own_of_two,
        v_recent >= k.rate_limit,
        v_matches,
        a.claimed_at > k.known_since + meshmill.forgotten_after(k, v_model),
        (SELECT p.clock_stepped_at > a.claimed_at - k.rate_window - k.margin FROM meshmill.window_profile AS p),
        (SELECT true FROM meshmill.ledger AS l
         WHERE l.kind = 'external' AND l.key_id = k.id AND l.at > a.claimed_at - 2 * k.rate_window LIMIT 1) IS NOT NULL);
    INSERT INTO meshmill.rate_limit_answers (at, key_id, attempt_id, window_model, rate_limit, rate_window, margin,
        stated_limit, stated_used, stated_remaining, retry_after, own_posts, own_posts_of_two, matches_own_post, verdict)
    VALUES (v_now, k.id, a.id, v_model, k.rate_limit, k.rate_window, k.margin, p_limit, p_used, p_remaining,
        v_retry_after, v_own, v_own_of_two, CASE WHEN v_retry_after IS NOT NULL THEN coalesce(v_matches, false) END, v_verdict)
    RETURNING id INTO v_id;
    DELETE FROM meshmill.rate_limit_answers AS r WHERE r.id <= v_id - 1000;

    v_before := meshmill.key_facts(k);
    UPDATE meshmill.keys AS t
    SET rate_limit = CASE WHEN v_verdict = 'limit' THEN p_limit ELSE t.rate_limit END,
        reserve_slots = CASE WHEN v_verdict = 'limit' THEN least(t.reserve_slots, p_limit - 1) ELSE t.reserve_slots END,
        -- A greater limit is taken over only after one clean window; see grow_limits.
        stated_limit = CASE WHEN p_limit > t.rate_limit AND p_limit <= 1000 THEN p_limit END,
        stated_limit_at = CASE WHEN p_limit > t.rate_limit AND p_limit <= 1000 THEN v_now END,
        margin = CASE
            WHEN t.margin < interval '3 seconds' AND v_retry_after <= extract(epoch FROM t.margin) + 1
                THEN least(2 * t.margin, interval '3 seconds')
            ELSE t.margin
        END,
        -- Its unknown past is over one window after it became known, whatever it was.
        blocked_until = CASE
            WHEN v_verdict = 'unknown_past'
                THEN greatest(t.blocked_until, t.known_since + meshmill.forgotten_after(t, v_model))
            ELSE t.blocked_until
        END
    WHERE t.id = k.id;
    PERFORM meshmill.rebuild_slots(ARRAY[k.id], CASE WHEN v_verdict = 'limit' THEN 2 ELSE 0 END);
    PERFORM meshmill.audit('learn_key', k.name, v_before, meshmill.key_facts(t), 'a 429: ' || v_verdict)
    FROM meshmill.keys AS t
    WHERE t.id = k.id AND (t.rate_limit, t.margin) <> (k.rate_limit, k.margin);
    RETURN v_verdict;
END $$;
COMMENT ON FUNCTION meshmill.note_rate_limit(bigint, bigint, bigint, bigint, double precision) IS 'Records what a 429 said beside what our own log says, and slows its key: a lower limit and a greater margin at once, a window''s wait where its past is unknown. Returns what explains it.';

CREATE FUNCTION meshmill.grow_limits() RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_key text;
    v_limit integer;
    v_grown integer := 0;
BEGIN
    FOR v_key, v_limit IN
        SELECT k.name, k.stated_limit FROM meshmill.keys AS k
        WHERE k.stated_limit > k.rate_limit AND k.state <> 'removed'
          AND k.stated_limit_at + k.rate_window + k.margin < meshmill.clock()
        ORDER BY k.id
    LOOP
        PERFORM meshmill.change_key(v_key, jsonb_build_object('rate_limit', v_limit), 'learn_key',
            'a 429 named this limit, and one window passed without another');
        UPDATE meshmill.keys AS k SET stated_limit = NULL, stated_limit_at = NULL WHERE k.name = v_key AND k.state <> 'removed';
        v_grown := v_grown + 1;
    END LOOP;
    RETURN v_grown;
END $$;
COMMENT ON FUNCTION meshmill.grow_limits() IS 'Takes over greater limits that 429s named one clean window ago; for housekeeping. Returns how many.';

-- ---------------------------------------------------------------------------------------------- all keys

CREATE FUNCTION meshmill.apply_window_model(
    p_pinned meshmill.window_model, p_learned meshmill.window_model, p_by_itself boolean, p_reason text
) RETURNS meshmill.window_model
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_old meshmill.window_model := meshmill.window_model();
    v_new meshmill.window_model := coalesce(p_pinned, p_learned);
    v_keys bigint[];
BEGIN
    v_keys := ARRAY(SELECT k.id FROM meshmill.keys AS k WHERE k.state <> 'removed' ORDER BY k.id FOR NO KEY UPDATE);
    UPDATE meshmill.window_profile AS p
    SET pinned = p_pinned, learned = p_learned, reason = p_reason,
        changed_at = CASE WHEN v_new <> v_old THEN v_now ELSE p.changed_at END,
        stepped_at = CASE WHEN p_by_itself THEN v_now END,
        learning_since = CASE WHEN p_by_itself THEN p.learning_since ELSE v_now END;
    IF v_new <> v_old THEN
        PERFORM meshmill.rebuild_slots(v_keys, CASE WHEN v_new = 'strict' THEN 1 ELSE 0 END);
        PERFORM pg_notify('meshmill_jobs', '');
    END IF;
    RETURN v_new;
END $$;
COMMENT ON FUNCTION meshmill.apply_window_model(meshmill.window_model, meshmill.window_model, boolean, text) IS 'Changes the window model of all keys and rebuilds them, in one transaction. p_by_itself: learned, not chosen. The caller holds the profile''s lock.';

CREATE FUNCTION meshmill.set_window_model(p_model text, p_reason text) RETURNS text
    LANGUAGE plpgsql
AS $$
BEGIN
    IF coalesce(p_model, 'auto') NOT IN ('auto', 'slots', 'paced', 'strict') THEN
        RAISE EXCEPTION 'there is no window model %', p_model
            USING ERRCODE = 'invalid_parameter_value', HINT = 'auto, slots, paced or strict';
    END IF;
    PERFORM 1 FROM meshmill.window_profile FOR NO KEY UPDATE;
    IF coalesce(p_model, 'auto') = 'auto' THEN
        RETURN meshmill.apply_window_model(NULL, 'slots', false, coalesce(p_reason, 'set to auto: learning began anew'));
    END IF;
    RETURN meshmill.apply_window_model(p_model::meshmill.window_model,
        (SELECT p.learned FROM meshmill.window_profile AS p), false, coalesce(p_reason, 'pinned'));
END $$;
COMMENT ON FUNCTION meshmill.set_window_model(text, text) IS 'Pins the window model of all keys, or with auto (or NULL) begins to learn it anew from slots; returns the one in force. meshmill settings set window_model does it with an entry in the audit log.';

-- Two unexplained 429s on different keys within one window say that the provider counts more strictly than the model
-- assumes. Where a single key is used they can only be on that one; then three are asked for, since one outsider could
-- make two. After a step, one window is given to what was sent before it: then it weighs at most as a counter's previous
-- window, where how it was spaced does not matter. (Two windows would draw three times as many 429s from a strict
-- counter before the second step: 32 instead of 10 with 20 keys.)
CREATE FUNCTION meshmill.learn_window_model() RETURNS text
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    p meshmill.window_profile;
    v_answers bigint;
    v_keys bigint;
    v_new meshmill.window_model;
BEGIN
    SELECT * INTO p FROM meshmill.window_profile;
    IF p.pinned IS NOT NULL OR p.learned = 'strict'
        OR (SELECT true FROM meshmill.rate_limit_answers AS r
            WHERE r.verdict = 'unexplained' AND r.at > v_now - r.rate_window LIMIT 1) IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO p FROM meshmill.window_profile FOR NO KEY UPDATE;
    SELECT count(*), count(DISTINCT r.key_id) INTO v_answers, v_keys
    FROM meshmill.rate_limit_answers AS r
    WHERE r.verdict = 'unexplained'
      AND r.at > v_now - r.rate_window
      AND r.at > p.learning_since
      AND (p.stepped_at IS NULL OR r.at > p.stepped_at + r.rate_window + r.margin);
    IF p.pinned IS NOT NULL OR p.learned = 'strict' THEN
        RETURN NULL;
    END IF;
    IF v_keys < 2 AND (v_answers < 3 OR (
        SELECT count(*) FROM (
            SELECT 1 FROM meshmill.keys AS k WHERE k.last_post_at > v_now - 2 * k.rate_window LIMIT 2) AS u) > 1) THEN
        RETURN NULL;
    END IF;
    v_new := CASE p.learned WHEN 'slots' THEN 'paced' ELSE 'strict' END;
    PERFORM meshmill.apply_window_model(NULL, v_new, true,
        format('%s unexplained 429s on %s keys within one window', v_answers, v_keys));
    PERFORM meshmill.audit('learn_window_model', 'all keys', to_jsonb(p.learned), to_jsonb(v_new),
        format('%s unexplained 429s on %s keys within one window', v_answers, v_keys));
    RETURN v_new;
END $$;
COMMENT ON FUNCTION meshmill.learn_window_model() IS 'Steps the window model of all keys from slots to paced to strict if recent 429s ask for it; to be called after a 429. Returns the new model, or NULL.';

CREATE FUNCTION meshmill.set_key_policy(p_policy text) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE meshmill.pools AS p SET key_policy = coalesce(p_policy, 'largest-remaining')
    WHERE p.key_policy <> coalesce(p_policy, 'largest-remaining');
END $$;
COMMENT ON FUNCTION meshmill.set_key_policy(text) IS 'Gives all pools a key policy: largest-remaining (NULL), even or fill-first.';

-- ---------------------------------------------------------------------------------------------- quarantine

CREATE FUNCTION meshmill.quarantine_keys(p_keys bigint[], p_reason text) RETURNS integer
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_model meshmill.window_model;
    v_keys bigint[] := ARRAY(
        SELECT k.id FROM meshmill.keys AS k
        WHERE k.state <> 'removed' AND (p_keys IS NULL OR k.id = ANY (p_keys)) ORDER BY k.id FOR NO KEY UPDATE);
BEGIN
    v_model := meshmill.window_model();
    UPDATE meshmill.keys AS k
    SET blocked_until = greatest(k.blocked_until, v_now + meshmill.forgotten_after(k, v_model)),
        known_since = v_now,
        state_reason = left('in quarantine: ' || coalesce(p_reason, 'its past is unknown'), 500)
    WHERE k.id = ANY (v_keys);
    PERFORM meshmill.refresh_ready_at(v_keys);
    RETURN cardinality(v_keys);
END $$;
COMMENT ON FUNCTION meshmill.quarantine_keys(bigint[], text) IS 'Sends nothing with keys (NULL: all) until the provider has forgotten what our log may not know, one window; returns how many.';

-- ---------------------------------------------------------------------------------------------- the server

-- Called by each worker at its start, with each heartbeat, and whenever the database was away. Each call makes the
-- counter grow, so a database that knows less than a worker remembers is an older one.
CREATE FUNCTION meshmill.watch_server(p_worker uuid, p_worker_clock timestamptz, p_writes bigint)
    RETURNS TABLE (installation uuid, writes bigint, server_clock timestamptz, skew interval, change text)
    LANGUAGE plpgsql
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_seen meshmill.server_seen;
    v_system text := (SELECT c.system_identifier FROM pg_control_system() AS c);
    v_timeline bigint := ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint;
    v_skew interval := p_worker_clock - clock_timestamp();
    v_change text;
BEGIN
    SELECT * INTO v_seen FROM meshmill.server_seen FOR NO KEY UPDATE;
    v_change := CASE
        WHEN v_seen.system_identifier <> v_system THEN 'the database was restored into another cluster'
        WHEN v_seen.timeline <> v_timeline THEN
            format('the server is on timeline %s and was on %s: a failover or a restore', v_timeline, v_seen.timeline)
        WHEN p_writes > v_seen.writes THEN 'the database knows less than a worker remembers: a restore'
    END;
    UPDATE meshmill.server_seen AS s
    SET system_identifier = v_system, timeline = v_timeline, started_at = pg_postmaster_start_time(),
        -- After a restore beyond what any worker remembers, so that it is noticed once.
        writes = greatest(s.writes, p_writes) + CASE WHEN v_change IS NULL THEN 1 ELSE 1000 END,
        changed_at = CASE WHEN v_change IS NOT NULL THEN meshmill.clock() ELSE s.changed_at END,
        change = coalesce(v_change, s.change);
    IF v_change IS NOT NULL THEN
        PERFORM meshmill.quarantine_keys(NULL, v_change);
        PERFORM meshmill.audit('notice_restore', 'all keys', to_jsonb(v_seen),
            (SELECT to_jsonb(s) FROM meshmill.server_seen AS s), v_change);
    END IF;
    UPDATE meshmill.workers AS w SET clock_skew = v_skew
    WHERE w.id = p_worker AND (w.clock_skew IS NULL OR abs(extract(epoch FROM w.clock_skew - v_skew)) > 0.5);
    RETURN QUERY
    SELECT (SELECT i.id FROM meshmill.installation AS i), s.writes, clock_timestamp(), v_skew, v_change
    FROM meshmill.server_seen AS s;
END $$;
COMMENT ON FUNCTION meshmill.watch_server(uuid, timestamptz, bigint) IS 'Compares the server with what was last seen of it and with the counter that a worker remembers (NULL: none); a restore or failover quarantines all keys and is returned as change. Also compares clocks: skew is how far the worker''s is ahead.';

-- After a jump forward, windows that began before it end too early by its length. Reports of the same jump by several
-- workers overlap in time; the first one counts.
CREATE FUNCTION meshmill.note_clock_step(p_since timestamptz, p_until timestamptz, p_step interval) RETURNS boolean
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_shift interval := (SELECT o.shift FROM meshmill.clock_offset AS o);
    v_since timestamptz := p_since + v_shift;
    -- Whatever was claimed by then may have been claimed before the jump.
    v_before timestamptz := greatest(p_since + p_step, p_until - p_step) + v_shift;
    v_keys bigint[];
BEGIN
    IF p_step <= interval '0' THEN
        RETURN false;  -- backwards: windows only lengthen
    END IF;
    PERFORM 1 FROM meshmill.window_profile AS p
    WHERE p.clock_step_seen_until IS NULL OR p.clock_step_seen_until <= p_since OR p.clock_step_seen_until > p_until + interval '1 day'
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    v_keys := ARRAY(SELECT k.id FROM meshmill.keys AS k WHERE k.state <> 'removed' ORDER BY k.id FOR NO KEY UPDATE);
    UPDATE meshmill.window_profile AS p
    SET clock_stepped_at = meshmill.clock(), clock_step_seen_until = p_until,
        -- With the jump before, if some window may still reach back past both: what is made anew knows but one.
        clock_step = p_step + CASE
            WHEN p.clock_stepped_at > meshmill.clock() - p_step - p.clock_step
                - (SELECT max(k.rate_window + k.margin) FROM meshmill.keys AS k WHERE k.id = ANY (v_keys))
            THEN p.clock_step ELSE interval '0' END;
    UPDATE meshmill.slots AS s SET free_at = s.free_at + p_step
    FROM meshmill.attempts AS a
    WHERE s.key_id = ANY (v_keys) AND s.free_at > v_since AND a.id = s.attempt_id
      -- Of an answered POST its answer counts: where the clock was set back in between, its claim is in the future.
      AND coalesce(a.answered_at, a.claimed_at) <= v_before;
    UPDATE meshmill.attempts AS a SET counted_by = a.counted_by + p_step
    WHERE a.state = 'submitting' AND a.claimed_at <= v_before;
    UPDATE meshmill.keys AS k
    SET next_send_at = CASE
            WHEN k.next_send_at > v_since AND (k.last_post_at <= v_before OR k.next_send_at
                    - meshmill.pace(meshmill.window_model(), k.rate_limit, k.reserve_slots, k.rate_window, k.margin) <= v_before)
                THEN k.next_send_at + p_step
            ELSE k.next_send_at
        END,
        blocked_until = CASE WHEN k.blocked_until > v_since THEN k.blocked_until + p_step ELSE k.blocked_until END
    WHERE k.id = ANY (v_keys);
    PERFORM meshmill.refresh_ready_at(v_keys);
    PERFORM meshmill.audit('notice_clock_step', 'all keys', to_jsonb(p_since), to_jsonb(p_until),
        format('the database''s clock jumped forward by %s: windows were lengthened by it', p_step));
    RETURN true;
END $$;
COMMENT ON FUNCTION meshmill.note_clock_step(timestamptz, timestamptz, interval) IS 'Lengthens all windows by a jump forward of the server''s clock, which lies between two instants of that clock; false if it was known already, or backwards.';
