-- Reconciliation: what the provider's counters tell beside the answer that they came with.
--
-- For each counter the books have the number that it should show: keys.monthly_expected and orgs.credits_remaining.
-- What is open makes that a span: POSTs in flight, doubts, refunds that were not seen yet. A number inside the span
-- decides what it can; one outside is moved to the nearest end, and the distance is outside use, a top-up, or a month
-- that turned. So each step assumes as little as possible, and the next answer mends what it assumed wrongly.
--
-- A key has one POST in flight, so its own counter is exact; the org's is blurred by the POSTs of its other keys.

-- ---------------------------------------------------------------------------------------------- months

-- The first turn of a key's month that is expected after an instant. The last turn seen on the key, or on a sibling
-- of its org, anchors it; where the guess, the 1st at 00:00 UTC, lies in that interval, the guess stands.
CREATE FUNCTION meshmill.next_reset(k meshmill.keys, p_after timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_from timestamptz := k.turned_after;
    v_to timestamptz := k.turned_before;
    v_length interval := k.month_length;
    v_anchor timestamptz;
    v_months integer;
BEGIN
    IF v_to IS NULL THEN
        SELECT s.turned_after, s.turned_before, s.month_length INTO v_from, v_to, v_length
        FROM meshmill.keys AS s
        WHERE s.org_id = k.org_id AND s.turned_before IS NOT NULL
        ORDER BY s.turned_before DESC, s.id LIMIT 1;
    END IF;
    IF v_to IS NULL THEN
        RETURN (date_trunc('month', p_after AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    END IF;
    -- Siblings that saw the same turn narrow it.
    SELECT max(s.turned_after), min(s.turned_before) INTO v_from, v_to
    FROM meshmill.keys AS s
    WHERE s.org_id = k.org_id AND s.turned_after < v_to AND s.turned_before > v_from;
    v_from := least(v_from, v_to);
    v_anchor := date_trunc('month', v_to AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    IF v_anchor <= v_from THEN
        v_anchor := v_to;
    END IF;
    IF v_length IS NULL OR v_length <= interval '0' OR v_length BETWEEN interval '27 days' AND interval '32 days' THEN
        -- Each month is counted from the anchor, so that a 31st stays one.
        v_months := greatest(0, (extract(year FROM age(p_after, v_anchor)) * 12 + extract(month FROM age(p_after, v_anchor)))::integer);
        LOOP
            v_months := v_months + 1;
            v_from := (v_anchor AT TIME ZONE 'UTC' + interval '1 month' * v_months) AT TIME ZONE 'UTC';
            EXIT WHEN v_from > p_after;
        END LOOP;
        RETURN v_from;
    END IF;
    RETURN v_anchor + v_length * greatest(1, floor(extract(epoch FROM p_after - v_anchor) / extract(epoch FROM v_length)) + 1);
END $$;
COMMENT ON FUNCTION meshmill.next_reset(meshmill.keys, timestamptz) IS 'When a key''s month is expected to turn next after an instant: as it was seen to turn, else on the 1st at 00:00 UTC.';

CREATE FUNCTION meshmill.jittered_reset(k meshmill.keys, p_after timestamptz) RETURNS timestamptz
    LANGUAGE sql VOLATILE
    RETURN meshmill.next_reset(k, p_after) + make_interval(secs => random() * 600 * meshmill.time_scale((k).rate_window));
COMMENT ON FUNCTION meshmill.jittered_reset(meshmill.keys, timestamptz) IS 'next_reset and up to ten minutes (scaled), so that parked keys do not all probe at once.';

-- A probe asks whether the provider gives more. Where it would, though we are not to take it, it is not asked.
CREATE FUNCTION meshmill.is_at_own_cap(k meshmill.keys, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN coalesce(k.monthly_used + k.reserved >= k.monthly_limit, false)
        -- What others used of the key counts as ours does, until the month in which it was seen must have turned.
        OR coalesce(k.monthly_limit < k.provider_monthly_limit
            AND k.provider_monthly_used + k.reserved >= k.monthly_limit
            AND meshmill.next_reset(k, greatest(k.month_began_at, k.observed_at)) > p_now, false);
END $$;
COMMENT ON FUNCTION meshmill.is_at_own_cap(meshmill.keys, timestamptz) IS 'Whether our own cap is used up, by our count or by the provider''s: then not even a probe may be sent.';

CREATE FUNCTION meshmill.turn_key(p_key bigint, p_seen boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
BEGIN
    UPDATE meshmill.keys AS k
    SET month = k.month + 1, month_began_at = v_now, monthly_used = 0, provider_monthly_used = NULL,
        monthly_expected = CASE WHEN p_seen THEN 0 END, monthly_outside = 0,
        month_length = CASE
            WHEN p_seen AND k.turned_before IS NOT NULL AND s.after IS NOT NULL
                THEN s.after + (v_now - s.after) / 2 - (k.turned_after + (k.turned_before - k.turned_after) / 2)
            ELSE k.month_length
        END,
        turned_after = CASE WHEN p_seen AND s.after IS NOT NULL THEN s.after ELSE k.turned_after END,
        turned_before = CASE WHEN p_seen AND s.after IS NOT NULL THEN v_now ELSE k.turned_before END
    -- Never later than now: the clock may have been set back since.
    FROM (SELECT CASE WHEN o.observed_at IS NOT NULL THEN least(o.observed_at, v_now) END AS after
          FROM meshmill.keys AS o WHERE o.id = p_key) AS s
    WHERE k.id = p_key;
    -- The counter that they would have lowered is gone.
    UPDATE meshmill.open_refunds AS r SET on_key = false WHERE r.key_id = p_key AND r.on_key;
    DELETE FROM meshmill.open_refunds AS r WHERE r.key_id = p_key AND NOT r.on_key AND NOT r.on_org;
END $$;
COMMENT ON FUNCTION meshmill.turn_key(bigint, boolean) IS 'Starts a new month for a key. p_seen: the provider''s number showed it; else our calendar says so. The caller holds the key''s lock.';

-- Before this batch of answers is charged: which of them show that a month has turned. The number fell by more than
-- refunds and earlier drift explain, and to nearly nothing, or at a time at which it was expected to.
CREATE FUNCTION meshmill.turn_seen_months(p_answers jsonb, p_fresh bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    r record;
    v_explained bigint;
    v_untold bigint;
    v_doubts bigint;
BEGIN
    FOR r IN
        SELECT k.id, k.observed_at, n.key_monthly_used AS seen, k.monthly_expected AS expected,
               CASE WHEN n.credit = 'charge' THEN n.credits ELSE 0 END AS own,
               meshmill.next_reset(k, coalesce(k.observed_at, k.month_began_at)) AS reset
        FROM jsonb_to_recordset(p_answers) AS n (attempt_id bigint, credit text, credits bigint, key_monthly_used bigint)
        JOIN meshmill.attempts AS a ON a.id = n.attempt_id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        WHERE a.id = ANY (p_fresh) AND a.id > coalesce(k.observed_attempt, 0)
          AND n.key_monthly_used < k.monthly_expected + CASE WHEN n.credit = 'charge' THEN n.credits ELSE 0 END
        ORDER BY k.id
    LOOP
        SELECT coalesce(sum(o.amount), 0), coalesce(sum(o.amount) FILTER (WHERE NOT o.is_told), 0) INTO v_explained, v_untold
        FROM meshmill.open_refunds AS o WHERE o.key_id = r.id AND o.on_key;
        v_explained := v_explained
            + coalesce((SELECT sum(d.amount) FROM meshmill.drifts AS d
                        JOIN meshmill.keys AS k ON k.id = d.key_id AND k.month = d.key_month
                        WHERE d.is_open AND d.org_id = k.org_id AND d.key_id = r.id), 0);
        CONTINUE WHEN r.seen >= r.expected + r.own - v_explained + v_untold;
        SELECT count(*) INTO v_doubts FROM meshmill.attempts AS a
        WHERE a.key_id = r.id AND a.state IN ('unknown', 'refused') AND a.reserved
          AND a.org_id = (SELECT k.org_id FROM meshmill.keys AS k WHERE k.id = r.id);
        IF r.seen >= r.expected + r.own - v_explained THEN
            -- Charges that were none explain it too. Where nothing is left of the month they do not prove it: they stay
            -- charged, and unless its time has come the month goes on.
            CONTINUE WHEN r.seen > r.own + v_doubts;
            IF r.reset > meshmill.clock() THEN
                UPDATE meshmill.open_refunds AS o SET on_key = false WHERE o.key_id = r.id AND o.on_key AND NOT o.is_told;
                DELETE FROM meshmill.open_refunds AS o WHERE o.key_id = r.id AND NOT o.on_key AND NOT o.on_org;
                CONTINUE;
            END IF;
        END IF;
        IF r.seen <= r.own + v_doubts OR 2 * r.seen <= r.expected OR r.reset <= meshmill.clock() THEN
            PERFORM meshmill.turn_key(r.id, true);
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION meshmill.turn_seen_months(jsonb, bigint[]) IS 'Starts a new month for keys whose number shows it, before their answers are charged. For settle.';

-- ---------------------------------------------------------------------------------------------- refunds

CREATE FUNCTION meshmill.refund(p_attempts bigint[], p_amounts bigint[]) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    IF cardinality(p_attempts) = 0 THEN
        RETURN;
    END IF;
    PERFORM meshmill.post('refund', p_attempts, p_amounts);
    INSERT INTO meshmill.open_refunds (attempt_id, key_id, org_id, amount, is_told, on_key, on_org)
    SELECT a.id, a.key_id, a.org_id, u.amount, true, k.monthly_expected IS NOT NULL, o.credits_remaining IS NOT NULL
    FROM unnest(p_attempts, p_amounts) AS u (id, amount)
    JOIN meshmill.attempts AS a ON a.id = u.id
    JOIN meshmill.keys AS k ON k.id = a.key_id
    JOIN meshmill.orgs AS o ON o.id = a.org_id
    WHERE u.amount > 0 AND (k.monthly_expected IS NOT NULL OR o.credits_remaining IS NOT NULL)
    ON CONFLICT (attempt_id) DO UPDATE SET is_told = true;
END $$;
COMMENT ON FUNCTION meshmill.refund(bigint[], bigint[]) IS 'Books refunds that the provider told of, and waits for its counters to show them. The caller holds lock_accounts.';

CREATE FUNCTION meshmill.await_refunds(p_attempts bigint[]) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO meshmill.open_refunds (attempt_id, key_id, org_id, amount, is_told, on_key, on_org)
    SELECT u.* FROM (
        SELECT a.id, a.key_id, a.org_id, a.credits, false,
               -- What the first number that the key told may have in it already, no later one can show: see post.
               k.monthly_expected IS NOT NULL AND a.id > coalesce(k.expected_since_attempt, 0) AS on_key,
               o.credits_remaining IS NOT NULL AS on_org
        FROM meshmill.attempts AS a
        JOIN meshmill.keys AS k ON k.id = a.key_id
        JOIN meshmill.orgs AS o ON o.id = a.org_id
        WHERE a.id = ANY (p_attempts) AND a.credits > 0
    ) AS u
    WHERE u.on_key OR u.on_org
    ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION meshmill.await_refunds(bigint[]) IS 'Watches the counters for refunds that may have come though nobody told: they stay charged until one shows it.';

-- Before its first number nobody waits for the refunds of an org or key to show: they may be in that number or not.
CREATE FUNCTION meshmill.refunds_told(p_keys bigint[], p_org bigint)
    RETURNS TABLE (attempt_id bigint, key_id bigint, key_month integer, amount bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.attempt_id, k.id, l.key_month, l.amount
    FROM meshmill.keys AS k
    CROSS JOIN LATERAL (
        SELECT a.id FROM meshmill.attempts AS a WHERE a.key_id = k.id ORDER BY a.id DESC LIMIT 2 * k.rate_limit + 10
    ) AS a
    JOIN meshmill.ledger AS l ON l.attempt_id = a.id AND l.kind = 'refund' AND l.org_id = p_org
    WHERE k.id = ANY (p_keys);
END;
COMMENT ON FUNCTION meshmill.refunds_told(bigint[], bigint) IS 'The refunds among the newest attempts of keys, as far as they were of this org.';

CREATE FUNCTION meshmill.see_refunds(p_key bigint, p_org bigint, p_credits bigint, p_locked bigint[]) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    v_left bigint := p_credits;
    v_untold bigint[];
    v_amounts bigint[];
    v_seen bigint[] := '{}';
    v_is_clear boolean;
    r record;
BEGIN
    FOR r IN
        SELECT o.attempt_id, o.amount, o.is_told, sum(o.amount) OVER (PARTITION BY o.is_told) AS total,
               min(a.batch_id) OVER (PARTITION BY o.is_told) = max(a.batch_id) OVER (PARTITION BY o.is_told) AS is_one_batch
        FROM meshmill.open_refunds AS o
        JOIN meshmill.attempts AS a ON a.id = o.attempt_id
        WHERE (o.is_told OR o.attempt_id = ANY (p_locked))
          AND (o.key_id = p_key AND o.on_key
               -- What was told is in the org's credits already.
               OR o.org_id = p_org AND o.on_org AND NOT o.is_told)
        -- What was told has come for certain, and explains a credit before what only may have come.
        ORDER BY o.is_told DESC, o.since, o.attempt_id
    LOOP
        EXIT WHEN v_left < r.amount;
        IF NOT r.is_told AND v_is_clear IS NULL THEN
            -- Some of several came back, and which of them is not known: where they are of several batches none is given
            -- a credit that may be another's. They stay charged.
            v_is_clear := r.is_one_batch OR v_left >= r.total;
            IF NOT v_is_clear THEN
                DELETE FROM meshmill.open_refunds AS o
                WHERE NOT o.is_told AND (o.key_id = p_key AND o.on_key OR o.org_id = p_org AND o.on_org);
                EXIT;
            END IF;
        END IF;
        v_left := v_left - r.amount;
        v_seen := v_seen || r.attempt_id;
    END LOOP;
    SELECT array_agg(o.attempt_id), array_agg(o.amount) INTO v_untold, v_amounts
    FROM meshmill.open_refunds AS o WHERE o.attempt_id = ANY (v_seen) AND NOT o.is_told;
    PERFORM meshmill.post('refund', coalesce(v_untold, '{}'), v_amounts);
    UPDATE meshmill.attempts AS a SET refund_unconfirmed = false, paid_twice = false WHERE a.id = ANY (v_untold);
    UPDATE meshmill.open_refunds AS o
    SET is_told = true, on_key = o.on_key AND p_key IS NULL, on_org = o.on_org AND p_org IS NULL
    WHERE o.attempt_id = ANY (v_seen);
    DELETE FROM meshmill.open_refunds AS o WHERE o.attempt_id = ANY (v_seen) AND NOT o.on_key AND NOT o.on_org;
    RETURN p_credits - v_left;
END $$;
COMMENT ON FUNCTION meshmill.see_refunds(bigint, bigint, bigint, bigint[]) IS 'A counter of a key, or else of an org, shows refunds of so many credits: closes the oldest, books those that nobody told of if they are among p_locked, and returns how many credits they explain.';

-- ---------------------------------------------------------------------------------------------- doubts

-- What these answers may decide, and settle therefore locks with them: the doubts of the same keys; those of the whole
-- org while they are few, since with many at once its credits tell nothing; and refunds that nobody told of.
CREATE FUNCTION meshmill.doubts_beside(p_orgs bigint[], p_keys bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN ARRAY(
        SELECT d.id
        FROM (
            SELECT l.id, l.key_id, count(*) OVER (PARTITION BY l.org_id) AS of_org
            FROM meshmill.attempts AS l
            WHERE l.org_id = ANY (p_orgs) AND l.state IN ('unknown', 'refused') AND l.reserved
        ) AS d
        WHERE d.of_org <= 20 OR d.key_id = ANY (p_keys)
        ORDER BY d.id LIMIT 1000
    ) || ARRAY(
        SELECT r.attempt_id FROM meshmill.open_refunds AS r
        WHERE r.org_id = ANY (p_orgs) AND NOT r.is_told
        ORDER BY r.since, r.attempt_id LIMIT 100);
END $$;
COMMENT ON FUNCTION meshmill.doubts_beside(bigint[], bigint[]) IS 'Attempts in doubt, and refunds not told of, that answers to POSTs of these orgs and keys may decide; for settle to lock before it reads the counters.';

CREATE FUNCTION meshmill.decide_doubts(p_attempts bigint[], p_charged boolean, p_evidence text, p_key_month integer)
    RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
BEGIN
    IF coalesce(cardinality(p_attempts), 0) = 0 THEN
        RETURN;
    END IF;
    PERFORM meshmill.post(CASE WHEN p_charged THEN 'charge' ELSE 'release' END::meshmill.ledger_kind, p_attempts,
        array_fill(1::bigint, ARRAY[cardinality(p_attempts)]), p_key_month);
    UPDATE meshmill.attempts AS a
    SET evidence = p_evidence,
        refund_unconfirmed = a.refund_unconfirmed AND p_charged,
        -- Where the job goes on, it is paid for once more.
        paid_twice = p_charged AND a.state = 'unknown' AND EXISTS (
            SELECT 1 FROM meshmill.jobs AS j
            WHERE j.id = a.job_id AND (j.attempt_id <> a.id OR j.state IN ('scheduled', 'queued')))
    WHERE a.id = ANY (p_attempts);
    -- Nothing to wait for any more: the job goes on now. A POST that was not charged counts for nothing, so even the
    -- job that its second lost answer had put on hold may go on.
    UPDATE meshmill.jobs AS j
    SET state = 'scheduled', run_at = v_now
    FROM meshmill.attempts AS a
    JOIN meshmill.batches AS b ON b.id = a.batch_id
    WHERE a.id = ANY (p_attempts) AND a.state = 'unknown' AND p_evidence <> 'none'
      AND j.id = a.job_id AND j.attempt_id = a.id AND b.on_ambiguous = 'evidence' AND j.error_code LIKE 'unknown%'
      AND (j.state = 'scheduled' OR j.state = 'held' AND NOT p_charged);
    IF NOT p_charged THEN
        -- Also where the job went on before this was known, unless a person had it begin anew since.
        UPDATE meshmill.jobs AS j SET unknowns = greatest(j.unknowns - d.doubts, 0)
        FROM (
            SELECT a.job_id, count(*) AS doubts
            FROM meshmill.attempts AS a
            JOIN meshmill.jobs AS l ON l.id = a.job_id
            WHERE a.id = ANY (p_attempts) AND a.state = 'unknown'
              AND l.attempts >= (SELECT count(*) FROM meshmill.attempts AS n
                                 WHERE n.job_id = l.id AND n.id >= a.id AND n.state <> 'unsent')
            GROUP BY a.job_id
        ) AS d
        WHERE j.id = d.job_id AND j.unknowns > 0;
    END IF;
    UPDATE meshmill.batches AS b SET state = 'open'
    FROM meshmill.attempts AS a
    JOIN meshmill.jobs AS j ON j.id = a.job_id AND j.attempt_id = a.id AND j.state = 'scheduled'
    WHERE a.id = ANY (p_attempts) AND b.id = j.batch_id AND b.state = 'finished';
    PERFORM pg_notify('meshmill_jobs', '');
    -- Doubts that were charged may still turn out to be refunded, or never to have been charged.
    PERFORM meshmill.await_refunds(ARRAY(
        SELECT a.id FROM meshmill.attempts AS a
        WHERE a.id = ANY (p_attempts) AND p_charged AND (a.refund_unconfirmed OR p_evidence = 'none')));
END $$;
COMMENT ON FUNCTION meshmill.decide_doubts(bigint[], boolean, text, integer) IS 'Charges or releases attempts in doubt and lets their jobs go on. p_key_month: the key''s month in which they were charged, NULL for the month of their reserve. The caller holds lock_accounts.';

-- ---------------------------------------------------------------------------------------------- counters

-- Lowers what drift is still open by use that turned out not to be; returns how many credits that explains.
CREATE FUNCTION meshmill.explain_drift(p_org bigint, p_key bigint, p_credits bigint) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    v_left bigint := p_credits;
    r record;
BEGIN
    FOR r IN
        SELECT d.id, d.amount FROM meshmill.drifts AS d
        WHERE d.is_open AND d.org_id = p_org AND d.key_id IS NOT DISTINCT FROM p_key
        ORDER BY d.at DESC, d.id FOR NO KEY UPDATE
    LOOP
        EXIT WHEN v_left = 0;
        UPDATE meshmill.drifts AS d
        SET amount = d.amount - least(d.amount, v_left), is_open = d.amount > v_left WHERE d.id = r.id;
        v_left := v_left - least(r.amount, v_left);
    END LOOP;
    RETURN p_credits - v_left;
END $$;
COMMENT ON FUNCTION meshmill.explain_drift(bigint, bigint, bigint) IS 'Takes credits off the open drift of a key, or of an org where p_key is NULL, newest first; returns how many it could.';

CREATE FUNCTION meshmill.adjust(p_org bigint, p_key bigint, p_key_month integer, p_credits bigint) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO meshmill.ledger (kind, observation_id, amount, key_id, org_id, period, key_month)
    SELECT 'adjust', gen_random_uuid(), p_credits, p_key, p_org,
        (date_trunc('month', meshmill.clock() AT TIME ZONE 'UTC'))::date, p_key_month
    WHERE p_credits <> 0;
END;
COMMENT ON FUNCTION meshmill.adjust(bigint, bigint, integer, bigint) IS 'Books credits that the provider''s numbers show to have come back or been added.';

-- One report of a key's month that is not exactly what the books expect, or that may decide a doubt.
CREATE FUNCTION meshmill.read_month(p_attempt bigint, p_seen bigint, p_locked bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    k meshmill.keys;
    v_doubts bigint[];
    v_old bigint;
    v_due bigint;
    v_over bigint;
    v_under bigint;
BEGIN
    SELECT l.* INTO k FROM meshmill.keys AS l JOIN meshmill.attempts AS a ON a.key_id = l.id WHERE a.id = p_attempt;
    IF k.monthly_expected IS NULL THEN
        UPDATE meshmill.keys AS l
        SET monthly_expected = p_seen, monthly_outside = greatest(p_seen - l.monthly_used, 0), expected_since_attempt = p_attempt
        WHERE l.id = k.id;
        INSERT INTO meshmill.open_refunds AS o (attempt_id, key_id, org_id, amount, is_told, on_key, on_org)
        SELECT r.attempt_id, k.id, k.org_id, r.amount, true, true, false FROM meshmill.refunds_told(ARRAY[k.id], k.org_id) AS r
        -- With nothing in it but what we used, it has them all.
        WHERE r.attempt_id < p_attempt AND r.key_month = k.month AND p_seen > k.monthly_used
        ON CONFLICT (attempt_id) DO UPDATE SET on_key = true;
        RETURN;
    END IF;
    v_doubts := ARRAY(
        SELECT a.id FROM meshmill.attempts AS a
        WHERE a.org_id = k.org_id AND a.key_id = k.id AND a.state IN ('unknown', 'refused') AND a.reserved
          AND a.id < p_attempt AND a.id > coalesce(k.expected_since_attempt, 0)
        ORDER BY a.id);
    SELECT coalesce(sum(r.amount), 0) INTO v_due FROM meshmill.open_refunds AS r WHERE r.key_id = k.id AND r.on_key;

    v_over := p_seen - k.monthly_expected - cardinality(v_doubts);
    v_under := k.monthly_expected - p_seen;
    IF v_over >= 0 AND (v_over > 0 OR v_due = 0) AND v_doubts <@ p_locked THEN
        -- More than all that is open can explain: every doubt was charged, and the rest was somebody else.
        PERFORM meshmill.decide_doubts(v_doubts, true, 'key_monthly_used', k.month);
    ELSIF v_under = 0 AND v_due = 0 AND v_doubts <@ p_locked THEN
        -- Doubts from before the turn may have been charged in the old month: they wait for their time.
        PERFORM meshmill.decide_doubts(ARRAY(
            SELECT l.attempt_id FROM meshmill.ledger AS l
            WHERE l.attempt_id = ANY (v_doubts) AND l.kind = 'reserve' AND l.key_month = k.month), false,
            'key_monthly_used', NULL);
    END IF;
    -- With some of several doubts charged, or with a refund that may have come, nothing is known of any one of them.

    IF v_over > 0 THEN
        INSERT INTO meshmill.drifts (org_id, key_id, key_month, attempt_id, amount, found)
        VALUES (k.org_id, k.id, k.month, p_attempt, v_over, v_over);
        UPDATE meshmill.keys AS l
        SET monthly_expected = l.monthly_expected + v_over, monthly_outside = l.monthly_outside + v_over WHERE l.id = k.id;
        -- The same use as the org's credits showed, or will show.
        v_over := v_over - meshmill.explain_drift(k.org_id, NULL, v_over);
        UPDATE meshmill.orgs AS o SET credits_remaining = o.credits_remaining - v_over WHERE o.id = k.org_id;
    ELSIF v_under > 0 THEN
        v_under := v_under - meshmill.see_refunds(k.id, NULL, v_under, p_locked);
        v_over := meshmill.explain_drift(k.org_id, k.id, v_under);
        PERFORM meshmill.adjust(k.org_id, k.id, k.month, v_under - v_over);
        UPDATE meshmill.keys AS l
        SET monthly_expected = p_seen,
            monthly_outside = l.monthly_outside - v_under
        WHERE l.id = k.id;
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.read_month(bigint, bigint, bigint[]) IS 'Reads a report of key_monthly_used that came with an attempt''s answer. p_locked: the doubts that may be decided. The caller holds lock_accounts.';

-- One report of an org's credits that is outside of what the books expect, or that may decide something.
CREATE FUNCTION meshmill.read_credits(p_attempt bigint, p_seen bigint, p_own bigint, p_park boolean, p_locked bigint[])
    RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    o meshmill.orgs;
    a meshmill.attempts;
    v_doubts bigint[];
    v_told bigint;
    v_untold bigint;
    v_beside bigint;
    v_up bigint;
    v_down bigint;
BEGIN
    SELECT * INTO a FROM meshmill.attempts AS l WHERE l.id = p_attempt;
    SELECT * INTO o FROM meshmill.orgs AS l WHERE l.id = a.org_id;
    v_beside := o.charged - a.org_charged - p_own;
    IF o.credits_remaining IS NULL THEN
        INSERT INTO meshmill.open_refunds AS u (attempt_id, key_id, org_id, amount, is_told, on_key, on_org)
        SELECT r.attempt_id, r.key_id, o.id, r.amount, true, false, true
        FROM meshmill.refunds_told(
            ARRAY(SELECT k.id FROM meshmill.keys AS k WHERE k.org_id = o.id ORDER BY k.last_post_at DESC NULLS LAST LIMIT 100),
            o.id) AS r
        WHERE r.attempt_id <> p_attempt
        ON CONFLICT (attempt_id) DO UPDATE SET on_org = true;
    END IF;
    SELECT coalesce(sum(r.amount) FILTER (WHERE r.is_told), 0), coalesce(sum(r.amount) FILTER (WHERE NOT r.is_told), 0)
    INTO v_told, v_untold FROM meshmill.open_refunds AS r WHERE r.org_id = o.id AND r.on_org;
    IF o.credits_remaining IS NULL THEN
        -- What was charged or refunded before it may be in the number or not; whatever is told next lies in between. A
        -- number may be negative.
        UPDATE meshmill.orgs AS l
        SET credits_remaining = greatest(p_seen - v_beside, 0),
            credits_slack = l.reserved + greatest(least(v_beside, p_seen), 0) + v_told
        WHERE l.id = o.id;
        RETURN;
    END IF;
    v_doubts := ARRAY(
        SELECT d.id FROM meshmill.attempts AS d
        WHERE d.org_id = o.id AND d.state IN ('unknown', 'refused') AND d.reserved ORDER BY d.id);

    IF v_beside = 0 AND o.reserved = cardinality(v_doubts) THEN
        -- Nothing was in flight beside it, so the number is exact but for doubts and refunds.
        IF cardinality(v_doubts) = 0 THEN
            -- Which of several came back the org's number cannot tell, and a key's month must not be lowered for another's:
            -- only all of them at once are believed, where nothing else can have raised the number.
            IF v_untold > 0 AND p_seen - o.credits_remaining = v_untold AND v_told + o.credits_slack = 0 THEN
                PERFORM meshmill.see_refunds(NULL, o.id, p_seen - o.credits_remaining, p_locked);
            ELSIF p_seen = o.credits_remaining AND v_told > 0 THEN
                UPDATE meshmill.open_refunds AS r SET on_org = false WHERE r.org_id = o.id AND r.on_org AND r.is_told;
                DELETE FROM meshmill.open_refunds AS r WHERE r.org_id = o.id AND NOT r.on_key AND NOT r.on_org;
                v_told := 0;
            END IF;
        ELSIF v_told + v_untold + o.credits_slack = 0 AND v_doubts <@ p_locked AND NOT EXISTS (
            -- Another key's lost POST may still be on its way.
            SELECT 1 FROM meshmill.attempts AS d
            WHERE d.id = ANY (v_doubts) AND (d.id > p_attempt OR d.key_id <> a.key_id AND d.counted_by > a.claimed_at)) THEN
            IF p_seen = o.credits_remaining THEN
                PERFORM meshmill.decide_doubts(v_doubts, false, 'credits_remaining', NULL);
            ELSIF p_seen <= o.credits_remaining - cardinality(v_doubts) THEN
                PERFORM meshmill.decide_doubts(v_doubts, true, 'credits_remaining', NULL);
            END IF;
        END IF;
        SELECT * INTO o FROM meshmill.orgs AS l WHERE l.id = a.org_id;
        IF cardinality(v_doubts) = 0 AND o.credits_slack > 0 AND v_told = 0
            AND p_seen BETWEEN o.credits_remaining AND o.credits_remaining + o.credits_slack THEN
            UPDATE meshmill.orgs AS l SET credits_remaining = p_seen, credits_slack = 0 WHERE l.id = o.id;
            -- What may have come back is in it, or never will be.
            UPDATE meshmill.open_refunds AS r SET on_org = false WHERE r.org_id = o.id AND r.on_org;
            DELETE FROM meshmill.open_refunds AS r WHERE r.org_id = o.id AND NOT r.on_key AND NOT r.on_org;
            RETURN;
        END IF;
    END IF;

    SELECT coalesce(sum(r.amount) FILTER (WHERE r.is_told), 0), coalesce(sum(r.amount) FILTER (WHERE NOT r.is_told), 0)
    INTO v_told, v_untold FROM meshmill.open_refunds AS r WHERE r.org_id = o.id AND r.on_org;
    v_up := p_seen - o.credits_remaining - v_beside - v_untold;
    v_down := o.credits_remaining - p_seen - o.reserved - v_told;
    IF v_up > o.credits_slack THEN
        -- Topped up, by how much is not known: refunds that nobody told of are no part of it, and what is under way may be
        -- in the number or not, as in the first one.
        v_up := v_up + v_untold;
        UPDATE meshmill.orgs AS l
        SET credits_remaining = l.credits_remaining + v_up, credits_slack = l.reserved + v_beside
        WHERE l.id = o.id;
        v_up := v_up - o.credits_slack;
        PERFORM meshmill.adjust(o.id, NULL, 0, v_up - meshmill.explain_drift(o.id, NULL, v_up));
    ELSIF v_up > 0 THEN
        UPDATE meshmill.orgs AS l
        SET credits_remaining = l.credits_remaining + v_up, credits_slack = l.credits_slack - v_up
        WHERE l.id = o.id;
    ELSIF v_down > 0 THEN
        UPDATE meshmill.orgs AS l SET credits_remaining = l.credits_remaining - v_down WHERE l.id = o.id;
        INSERT INTO meshmill.drifts (org_id, attempt_id, amount, found) VALUES (o.id, p_attempt, v_down, v_down);
    END IF;
    IF p_park THEN
        -- What it says it has not, it does not get, whatever may be in flight.
        UPDATE meshmill.orgs AS l
        SET credits_slack = l.credits_slack + l.credits_remaining - p_seen, credits_remaining = p_seen
        WHERE l.id = o.id AND l.credits_remaining > p_seen;
    END IF;
END $$;
COMMENT ON FUNCTION meshmill.read_credits(bigint, bigint, bigint, boolean, bigint[]) IS 'Reads a report of credits_remaining that came with an attempt''s answer, which itself cost p_own. p_park: it says that the org has too little. The caller holds lock_accounts.';

-- After a batch of answers was charged. Numbers that are what the books expect, which is nearly all, cost one
-- statement; each of the others is read by itself, oldest first.
CREATE FUNCTION meshmill.reconcile(p_answers jsonb, p_fresh bigint[], p_locked bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    r record;
BEGIN
    FOR r IN
        SELECT a.id, n.key_monthly_used AS seen
        FROM jsonb_to_recordset(p_answers) AS n (attempt_id bigint, key_monthly_used bigint)
        JOIN meshmill.attempts AS a ON a.id = n.attempt_id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        WHERE a.id = ANY (p_fresh) AND n.key_monthly_used IS NOT NULL AND a.id > coalesce(k.observed_attempt, 0)
          AND (k.monthly_expected IS DISTINCT FROM n.key_monthly_used
               OR (SELECT true FROM meshmill.attempts AS d
                   WHERE d.org_id = k.org_id AND d.state IN ('unknown', 'refused') AND d.reserved AND d.key_id = k.id
                   LIMIT 1))
        ORDER BY a.id
    LOOP
        PERFORM meshmill.read_month(r.id, r.seen, p_locked);
    END LOOP;
    UPDATE meshmill.keys AS k
    SET provider_monthly_limit = n.key_monthly_limit, provider_monthly_used = n.key_monthly_used,
        -- Without a limit at the provider there is no number to expect.
        monthly_expected = CASE WHEN n.key_monthly_used IS NOT NULL THEN k.monthly_expected END,
        observed_at = CASE WHEN n.key_monthly_used IS NOT NULL THEN v_now ELSE k.observed_at END,
        observed_attempt = n.id
    FROM (
        SELECT DISTINCT ON (a.key_id) a.key_id, a.id, n.key_monthly_used, n.key_monthly_limit
        FROM jsonb_to_recordset(p_answers) AS n (attempt_id bigint, outcome text, key_monthly_used bigint,
            key_monthly_limit bigint)
        JOIN meshmill.attempts AS a ON a.id = n.attempt_id
        WHERE a.id = ANY (p_fresh) AND (n.outcome = 'generating' OR n.key_monthly_used IS NOT NULL)
        ORDER BY a.key_id, a.id DESC
    ) AS n
    WHERE k.id = n.key_id AND n.id > coalesce(k.observed_attempt, 0);

    FOR r IN
        SELECT a.id, n.credits_remaining AS seen, n.org = 'park' AS park,
               CASE WHEN n.credit IN ('charge', 'refund') THEN n.credits ELSE 0 END AS own
        FROM jsonb_to_recordset(p_answers) AS n (attempt_id bigint, credit text, credits bigint, credits_remaining bigint,
            org text)
        JOIN meshmill.attempts AS a ON a.id = n.attempt_id
        JOIN meshmill.orgs AS o ON o.id = a.org_id
        WHERE a.id = ANY (p_fresh) AND n.credits_remaining IS NOT NULL AND a.state = 'submitting'
          AND (o.credits_remaining IS NULL OR n.org = 'park' OR o.credits_slack > 0 OR o.reserved > 0
               OR n.credits_remaining <> o.credits_remaining
               OR (SELECT true FROM meshmill.open_refunds AS u WHERE u.org_id = o.id AND u.on_org LIMIT 1))
        ORDER BY a.id
    LOOP
        PERFORM meshmill.read_credits(r.id, r.seen, r.own, r.park, p_locked);
    END LOOP;
    UPDATE meshmill.orgs AS o SET credits_reported = n.credits_remaining, credits_observed_at = v_now
    FROM (
        SELECT DISTINCT ON (a.org_id) a.org_id, n.credits_remaining
        FROM jsonb_to_recordset(p_answers) AS n (attempt_id bigint, credits_remaining bigint)
        JOIN meshmill.attempts AS a ON a.id = n.attempt_id
        WHERE a.id = ANY (p_fresh) AND n.credits_remaining IS NOT NULL AND a.state = 'submitting'
        ORDER BY a.org_id, a.id DESC
    ) AS n
    WHERE o.id = n.org_id;
END $$;
COMMENT ON FUNCTION meshmill.reconcile(jsonb, bigint[], bigint[]) IS 'Compares the provider''s numbers in a batch of answers with the books. For settle, after the charges.';
