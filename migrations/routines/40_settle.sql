-- Settle: what an answer means was decided by the worker (one total function over the provider's answers); here it is
-- written, in batches, once. Locks: org, key, slot, tenant, batch, job, ledger, ids ascending, as everywhere.
--
-- An answer is a fact about its attempt: it is taken from whoever brings it, and the first one wins. Moving the job
-- needs the job's present epoch as well.

CREATE FUNCTION meshmill.lock_rows(
    p_orgs bigint[], p_keys bigint[], p_tenants bigint[], p_batches bigint[], p_jobs bigint[]
) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM 1 FROM meshmill.orgs AS o WHERE o.id = ANY (p_orgs) ORDER BY o.id FOR NO KEY UPDATE;
    PERFORM 1 FROM meshmill.keys AS k WHERE k.id = ANY (p_keys) ORDER BY k.id FOR NO KEY UPDATE;
    PERFORM 1 FROM meshmill.tenants AS t WHERE t.id = ANY (p_tenants) ORDER BY t.id FOR NO KEY UPDATE;
    PERFORM 1 FROM meshmill.batches AS b WHERE b.id = ANY (p_batches) ORDER BY b.id FOR NO KEY UPDATE;
    -- Whoever locks a row adds what is pending: a refund must not come before its own charge.
    IF cardinality(p_tenants) > 0 THEN
        PERFORM meshmill.fold_tenants(p_tenants);
    END IF;
    IF cardinality(p_batches) > 0 THEN
        PERFORM meshmill.fold_batches(p_batches);
    END IF;
    PERFORM 1 FROM meshmill.jobs AS j WHERE j.id = ANY (p_jobs) ORDER BY j.id FOR NO KEY UPDATE;
END $$;
COMMENT ON FUNCTION meshmill.lock_rows(bigint[], bigint[], bigint[], bigint[], bigint[]) IS 'Locks rows in the one order that all transactions use, and adds what is pending of the balances among them.';

CREATE FUNCTION meshmill.lock_accounts(p_attempts bigint[]) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    -- What an attempt belongs to never changes, so it is read before the locks. An attempt itself needs none: whoever
    -- writes it holds its job's.
    PERFORM meshmill.lock_rows(array_agg(DISTINCT a.org_id), array_agg(DISTINCT a.key_id), array_agg(DISTINCT a.tenant_id),
        array_agg(DISTINCT a.batch_id), array_agg(DISTINCT a.job_id))
    FROM meshmill.attempts AS a WHERE a.id = ANY (p_attempts);
END $$;
COMMENT ON FUNCTION meshmill.lock_accounts(bigint[]) IS 'Locks everything that settling these attempts may write.';

-- Writes ledger entries for attempts that are locked, and moves the cached balances by the same amounts. A refund
-- counts in the month of its charge; a doubt in the month of its reserve, unless p_key_month places it.
CREATE FUNCTION meshmill.post(
    p_kind meshmill.ledger_kind,
    p_attempts bigint[],
    p_amounts bigint[],
    p_key_month integer DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    IF cardinality(p_attempts) = 0 THEN
        RETURN;
    END IF;
    WITH entries AS (
        SELECT a.id, a.org_id, a.key_id, a.tenant_id, a.batch_id, u.amount,
               CASE WHEN p_kind = 'refund' THEN c.period ELSE t.period END AS period,
               CASE
                   WHEN p_kind = 'refund' THEN c.key_month
                   WHEN p_key_month IS NOT NULL THEN p_key_month
                   WHEN a.state IN ('unknown', 'refused') THEN c.key_month
                   ELSE k.month
               END AS key_month,
               t.period AS tenant_period, k.month AS present_month,
               -- The first number that the key told has it in already: it was counted before that POST, or never.
               a.id < coalesce(k.expected_since_attempt, 0) AS is_told,
               CASE WHEN p_kind IN ('charge', 'release') AND a.reserved THEN 1 ELSE 0 END AS unreserved,
               CASE p_kind WHEN 'charge' THEN u.amount WHEN 'refund' THEN -u.amount ELSE 0 END AS used
        FROM unnest(p_attempts, p_amounts) AS u (id, amount)
        JOIN meshmill.attempts AS a ON a.id = u.id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        JOIN meshmill.tenants AS t ON t.id = a.tenant_id
        LEFT JOIN LATERAL (
            SELECT l.period, l.key_month FROM meshmill.ledger AS l
            WHERE (p_kind = 'refund' OR a.state IN ('unknown', 'refused'))
              AND l.attempt_id = a.id
              AND l.kind = CASE WHEN p_kind = 'refund' THEN 'charge' ELSE 'reserve' END::meshmill.ledger_kind
            LIMIT 1
        ) AS c ON true
    ), orgs AS (
        UPDATE meshmill.orgs AS o
        SET reserved = o.reserved - e.unreserved, charged = o.charged + e.charged,
            credits_remaining = o.credits_remaining - e.used
        FROM (
            SELECT org_id, sum(unreserved) AS unreserved, sum(used) AS used, sum(greatest(used, 0)) AS charged
            FROM entries GROUP BY org_id
        ) AS e
        WHERE o.id = e.org_id AND (e.unreserved <> 0 OR e.used <> 0)
    ), keys AS (
        UPDATE meshmill.keys AS k
        SET reserved = k.reserved - e.unreserved,
            monthly_used = greatest(k.monthly_used + e.used, 0),
            -- Between two reports our own charges move the provider's number on.
            -- Nothing stays nothing where the provider never counted.
            provider_monthly_used = CASE WHEN k.provider_monthly_used IS NOT NULL THEN greatest(k.provider_monthly_used + e.used, 0) END,
            -- Whether a refund lowers it is not known until it is seen.
            monthly_expected = k.monthly_expected + e.charged,
            monthly_outside = greatest(k.monthly_outside - e.told, 0)
        FROM (
            SELECT key_id, sum(unreserved) AS unreserved,
                   coalesce(sum(used) FILTER (WHERE key_month = present_month), 0) AS used,
                   coalesce(sum(greatest(used, 0)) FILTER (WHERE key_month = present_month AND NOT is_told), 0) AS charged,
                   coalesce(sum(greatest(used, 0)) FILTER (WHERE key_month = present_month AND is_told), 0) AS told
            FROM entries GROUP BY key_id
        ) AS e
        WHERE k.id = e.key_id
    ), tenants AS (
        UPDATE meshmill.tenants AS t
        SET reserved = t.reserved - e.unreserved, monthly_used = greatest(t.monthly_used + e.used, 0)
        FROM (
            SELECT tenant_id, sum(unreserved) AS unreserved,
                   coalesce(sum(used) FILTER (WHERE period = tenant_period), 0) AS used
            FROM entries GROUP BY tenant_id
        ) AS e
        WHERE t.id = e.tenant_id
    ), batches AS (
        UPDATE meshmill.batches AS b SET reserved = b.reserved - e.unreserved, used = b.used + e.used
        FROM (SELECT batch_id, sum(unreserved) AS unreserved, sum(used) AS used FROM entries GROUP BY batch_id) AS e
        WHERE b.id = e.batch_id
    ), attempts AS (
        UPDATE meshmill.attempts AS a
        SET credits = a.credits + e.used, reserved = a.reserved AND e.unreserved = 0
        FROM entries AS e WHERE a.id = e.id
    )
    INSERT INTO meshmill.ledger (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period, key_month, at)
    SELECT p_kind, e.id, e.amount, e.key_id, e.org_id, e.tenant_id, e.batch_id, e.period, e.key_month,
           (SELECT meshmill.clock())  -- once, and not for each row as by default
    FROM entries AS e;
END $$;
COMMENT ON FUNCTION meshmill.post(meshmill.ledger_kind, bigint[], bigint[], integer) IS 'Appends one ledger entry of a kind to each attempt and moves the cached balances with it. The caller holds lock_accounts.';

-- The answers of a good day, in one pass: accepted, charged as reserved, with nothing open beside them and numbers that
-- are what the books expect. For each of them it writes what settle would, and each row once. Settle reads every other.
CREATE FUNCTION meshmill.settle_accepted(p_worker uuid, p_answers jsonb, OUT attempt_ids bigint[], OUT epochs bigint[])
    LANGUAGE plpgsql
    SET jit = off
AS $$
DECLARE
    v_now timestamptz := meshmill.clock();
    v_model meshmill.window_model := meshmill.window_model();
    v_credits bigint[];
    v_generations text[];
    v_statuses smallint[];
    v_verdicts text[];
    v_remaining bigint[];
    v_used bigint[];
    v_limits bigint[];
    v_jobs bigint[];
    v_keys bigint[];
    v_orgs bigint[];
    v_tenants bigint[];
    v_batches bigint[];
    v_slots integer[];
    v_free_at timestamptz[];
    v_next_free timestamptz[];
    v_months integer[];
    v_periods date[];
BEGIN
    attempt_ids := '{}';
    IF EXISTS (SELECT 1 FROM meshmill.breaker AS b WHERE b.is_open OR b.failures_in_row > 0 OR b.recent <> B'0000000000') THEN
        RETURN;
    END IF;
    SELECT array_agg(a.id), array_agg(j.lease_epoch), array_agg(r.credits), array_agg(r.generation_id),
           array_agg(r.http_status), array_agg(r.verdict), array_agg(r.credits_remaining), array_agg(r.key_monthly_used),
           array_agg(r.key_monthly_limit), array_agg(a.job_id), array_agg(a.key_id), array_agg(a.org_id),
           array_agg(a.tenant_id), array_agg(a.batch_id), array_agg(a.slot), array_agg(f.free_at), array_agg(n.free_at),
           array_agg(k.month), array_agg(t.period)
    INTO attempt_ids, epochs, v_credits, v_generations, v_statuses, v_verdicts, v_remaining, v_used, v_limits, v_jobs,
        v_keys, v_orgs, v_tenants, v_batches, v_slots, v_free_at, v_next_free, v_months, v_periods
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, outcome text, generation_id text, http_status smallint,
        verdict text, provider text, slot text, counts text, credit text, credits bigint, job text, key text, org text,
        error_code text, error text, refund_unconfirmed boolean, credits_remaining bigint, key_monthly_used bigint,
        key_monthly_limit bigint)
    JOIN meshmill.attempts AS a ON a.id = r.attempt_id
    JOIN meshmill.jobs AS j ON j.id = a.job_id
    JOIN meshmill.keys AS k ON k.id = a.key_id
    JOIN meshmill.orgs AS o ON o.id = a.org_id
    JOIN meshmill.batches AS b ON b.id = a.batch_id
    JOIN meshmill.tenants AS t ON t.id = a.tenant_id
    CROSS JOIN LATERAL (SELECT v_now + k.rate_window + k.margin AS free_at) AS f
    LEFT JOIN LATERAL (
        SELECT CASE WHEN s.ordinal = a.slot AND s.attempt_id = a.id THEN f.free_at ELSE s.free_at END AS free_at
        FROM meshmill.slots AS s WHERE s.key_id = k.id
        ORDER BY free_at OFFSET k.reserve_slots LIMIT 1
    ) AS n ON true
    WHERE r.outcome = 'generating' AND r.slot = 'hold' AND r.credit = 'charge' AND r.job = 'generating'
      AND r.counts = 'none' AND r.key = 'none' AND r.org = 'none' AND r.http_status = 200
      AND coalesce(r.verdict, 'accepted') = 'accepted' AND coalesce(r.provider, 'healthy') IN ('healthy', 'silent')
      AND r.error_code IS NULL AND r.error IS NULL AND NOT coalesce(r.refund_unconfirmed, false)
      -- As text, or the plan would begin at the small index of all POSTs in flight and read the answers for each.
      AND a.state::text = 'submitting' AND a.reserved AND NOT a.probe
      AND j.state::text = 'submitting' AND j.attempt_id = a.id AND j.lease_epoch = a.lease_epoch
      AND k.state = 'active' AND a.id > coalesce(k.observed_attempt, 0)
      AND (r.key_monthly_used IS NULL OR r.key_monthly_used = k.monthly_expected + r.credits)
      AND o.parked_until IS NULL AND o.credit_errors = 0
      -- Where read_credits would change nothing: the number lies between all that is in flight beside it being counted
      -- and none of what was charged since it was claimed. An exact one that ends what was not known goes the long way.
      AND (r.credits_remaining IS NULL
           OR r.credits = 1
              AND r.credits_remaining BETWEEN o.credits_remaining - o.reserved
                  AND o.credits_remaining - 1 + o.charged - a.org_charged
              AND (o.credits_slack = 0 OR o.reserved > 1 OR o.charged > a.org_charged)
              AND (SELECT true FROM meshmill.open_refunds AS u WHERE u.org_id = o.id AND u.on_org LIMIT 1) IS NULL)
      AND b.refused_code IS NULL AND b.doubted_at IS NULL;
    IF attempt_ids IS NULL THEN
        attempt_ids := '{}';
        RETURN;
    END IF;

    WITH slots AS (
        UPDATE meshmill.slots AS s SET free_at = u.free_at
        FROM unnest(attempt_ids, v_keys, v_slots, v_free_at) AS u (id, key_id, slot, free_at)
        WHERE s.key_id = u.key_id AND s.ordinal = u.slot AND s.attempt_id = u.id
    ), keys AS (
        UPDATE meshmill.keys AS k
        SET reserved = k.reserved - 1,
            monthly_used = k.monthly_used + u.credits,
            monthly_expected = u.used,
            provider_monthly_used = u.used,
            provider_monthly_limit = u.most,
            observed_at = CASE WHEN u.used IS NOT NULL THEN v_now ELSE k.observed_at END,
            observed_attempt = u.id,
            accepted_at = coalesce(k.accepted_at, v_now),
            last_verdict = coalesce(u.verdict, k.last_verdict),
            last_verdict_at = CASE WHEN u.verdict IS NULL THEN k.last_verdict_at ELSE v_now END,
            blocked_until = CASE WHEN k.blocked_until > v_now THEN k.blocked_until END,
            state_reason = NULL, probe_at = NULL, probe_times = 0,
            next_send_at = v_now + meshmill.pace(v_model, k.rate_limit, k.reserve_slots, k.rate_window, k.margin),
            ready_at = greatest(v_now, k.blocked_until, u.next_free,
                v_now + meshmill.pace(v_model, k.rate_limit, k.reserve_slots, k.rate_window, k.margin))
        FROM unnest(attempt_ids, v_keys, v_credits, v_verdicts, v_used, v_limits, v_next_free)
            AS u (id, key_id, credits, verdict, used, most, next_free)
        WHERE k.id = u.key_id
    ), orgs AS (
        UPDATE meshmill.orgs AS o
        SET reserved = o.reserved - u.n, charged = o.charged + u.credits, credits_remaining = o.credits_remaining - u.credits,
            parked_times = 0, parked_reason = NULL,
            credits_reported = coalesce(u.remaining, o.credits_reported),
            credits_observed_at = CASE WHEN u.remaining IS NULL THEN o.credits_observed_at ELSE v_now END
        FROM (
            SELECT w.org_id, count(*) AS n, sum(w.credits) AS credits,
                   (array_agg(w.remaining ORDER BY w.id DESC) FILTER (WHERE w.remaining IS NOT NULL))[1] AS remaining
            FROM unnest(attempt_ids, v_orgs, v_credits, v_remaining) AS w (id, org_id, credits, remaining) GROUP BY w.org_id
        ) AS u
        WHERE o.id = u.org_id
    ), jobs AS (
        UPDATE meshmill.jobs AS j
        SET state = 'generating', worker_id = p_worker, due = false, run_at = NULL, error_code = NULL, error = NULL,
            completed_at = NULL
        WHERE j.id = ANY (v_jobs)
    ), attempts AS (
        UPDATE meshmill.attempts AS a
        SET state = 'generating', reserved = false, credits = a.credits + u.credits, paid_twice = false,
            answered_at = v_now, ended_at = NULL, generation_id = u.generation_id, http_status = u.status,
            error_code = NULL, error = NULL, refund_unconfirmed = false, credits_remaining = u.remaining,
            key_monthly_used = u.used, key_monthly_limit = u.most
        FROM unnest(attempt_ids, v_credits, v_generations, v_statuses, v_remaining, v_used, v_limits)
            AS u (id, credits, generation_id, status, remaining, used, most)
        WHERE a.id = u.id
    )
    INSERT INTO meshmill.ledger (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period, key_month, at)
    SELECT 'charge', u.id, u.credits, u.key_id, u.org_id, u.tenant_id, u.batch_id, u.period, u.month, v_now
    FROM unnest(attempt_ids, v_credits, v_keys, v_orgs, v_tenants, v_batches, v_periods, v_months)
        AS u (id, credits, key_id, org_id, tenant_id, batch_id, period, month);
    PERFORM meshmill.charge_balances(v_tenants, v_periods, v_batches, v_credits);
END $$;
COMMENT ON FUNCTION meshmill.settle_accepted(uuid, jsonb) IS 'Settles the answers that were accepted with nothing beside them to weigh, and returns their attempts with the epochs of their jobs; the others are left. For settle, which has found no doubts and holds the orgs, keys and jobs.';

CREATE FUNCTION meshmill.settle(p_worker uuid, p_answers jsonb)
    RETURNS TABLE (attempt_id bigint, accepted boolean, moved boolean, job_state meshmill.job_state, lease_epoch bigint)
    LANGUAGE plpgsql
    SET jit = off
    SET enable_seqscan = off
    SET enable_bitmapscan = off
    SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan
    SET random_page_cost = 1.1
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
    v_all bigint[] := ARRAY(SELECT (e ->> 'attempt_id')::bigint FROM jsonb_array_elements(p_answers) AS e);
    v_is_plain boolean := (SELECT bool_and(e ->> 'outcome' = 'generating') FROM jsonb_array_elements(p_answers) AS e);
    v_fresh bigint[];
    v_late bigint[];
    v_moved bigint[];
    v_doubts bigint[];
    v_orgs bigint[];
    v_keys bigint[];
    v_jobs bigint[];
    v_accepted bigint[];
    v_epochs bigint[];
    v_spared bigint[];
    v_ids bigint[];
    v_amounts bigint[];
    v_model meshmill.window_model;
BEGIN
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    SELECT array_agg(DISTINCT a.org_id), array_agg(DISTINCT a.key_id), array_agg(a.job_id)
    INTO v_orgs, v_keys, v_jobs
    FROM meshmill.attempts AS a WHERE a.id = ANY (v_all);
    -- An answer may tell of earlier POSTs of its key and org as well.
    v_doubts := meshmill.doubts_beside(v_orgs, v_keys);
    IF v_is_plain AND cardinality(v_doubts) = 0 THEN
        -- On a good day nothing here waits for a claim; see charge_balances. If an answer is not that plain after all, what
        -- was locked is let go of, since the tenants' and batches' turn comes before the jobs'.
        BEGIN
            PERFORM meshmill.lock_rows(v_orgs, v_keys, '{}', '{}', v_jobs);
            SELECT c.attempt_ids, c.epochs INTO v_accepted, v_epochs FROM meshmill.settle_accepted(p_worker, p_answers) AS c;
            IF cardinality(v_accepted) < cardinality(v_all) THEN
                RAISE EXCEPTION USING ERRCODE = 'MM001', MESSAGE = 'not all of these answers are plain';
            END IF;
        EXCEPTION WHEN SQLSTATE 'MM001' THEN
            v_accepted := NULL;
        END;
    END IF;
    IF v_accepted IS NULL THEN
        PERFORM meshmill.lock_accounts(v_all || v_doubts);
        -- One alone has had its chance, or is of another kind.
        IF cardinality(v_doubts) = 0 AND cardinality(v_all) > 1 THEN
            SELECT c.attempt_ids, c.epochs INTO v_accepted, v_epochs FROM meshmill.settle_accepted(p_worker, p_answers) AS c;
        END IF;
    END IF;
    IF cardinality(v_accepted) > 0 THEN
        RETURN QUERY
        SELECT u.id, true, true, 'generating'::meshmill.job_state, u.epoch
        FROM unnest(v_accepted, v_epochs) AS u (id, epoch);
        v_all := ARRAY(SELECT u.id FROM unnest(v_all) AS u (id) WHERE NOT u.id = ANY (v_accepted));
        IF cardinality(v_all) = 0 THEN
            RETURN;
        END IF;
        p_answers := (
            SELECT jsonb_agg(e) FROM jsonb_array_elements(p_answers) AS e WHERE (e ->> 'attempt_id')::bigint = ANY (v_all));
    END IF;
    v_model := meshmill.window_model();

    SELECT coalesce(array_agg(a.id), '{}'), coalesce(array_agg(a.id) FILTER (WHERE a.state = 'unknown'), '{}')
    INTO v_fresh, v_late
    FROM meshmill.attempts AS a
    JOIN jsonb_to_recordset(p_answers) AS r (attempt_id bigint, outcome text) ON r.attempt_id = a.id
    WHERE a.state = 'submitting' OR a.state = 'unknown' AND a.answered_at IS NULL AND r.outcome <> 'unknown';

    -- The slot: only the attempt that holds it may release it.
    UPDATE meshmill.slots AS s
    SET free_at = CASE r.slot WHEN 'free' THEN v_now ELSE v_now + k.rate_window + k.margin END
    FROM meshmill.attempts AS a
    JOIN meshmill.keys AS k ON k.id = a.key_id
    JOIN jsonb_to_recordset(p_answers) AS r (attempt_id bigint, slot text) ON r.attempt_id = a.id
    WHERE a.id = ANY (v_fresh) AND r.slot IN ('hold', 'free')
      AND s.key_id = a.key_id AND s.ordinal = a.slot AND s.attempt_id = a.id;
    UPDATE meshmill.attempts AS a SET uncounted = true
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, slot text)
    WHERE r.slot = 'free' AND a.id = r.attempt_id AND a.id = ANY (v_fresh);

    -- Credits. A late answer may be about an attempt whose reserve was released: it is charged all the same.
    PERFORM meshmill.turn_seen_months(p_answers, v_fresh);
    SELECT array_agg(r.attempt_id), array_agg(1::bigint) INTO v_ids, v_amounts
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, credit text)
    JOIN meshmill.attempts AS a ON a.id = r.attempt_id AND a.reserved
    WHERE r.attempt_id = ANY (v_fresh) AND r.credit = 'release';
    PERFORM meshmill.post('release', coalesce(v_ids, '{}'), v_amounts);
    SELECT array_agg(r.attempt_id), array_agg(r.credits) INTO v_ids, v_amounts
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, credit text, credits bigint)
    JOIN meshmill.attempts AS a ON a.id = r.attempt_id
    WHERE r.attempt_id = ANY (v_fresh) AND r.credit IN ('charge', 'refund')
      AND (a.reserved OR (SELECT true FROM meshmill.ledger AS l
           WHERE l.attempt_id = a.id AND l.kind = 'charge' LIMIT 1) IS NULL);
    PERFORM meshmill.post('charge', coalesce(v_ids, '{}'), v_amounts);
    SELECT array_agg(r.attempt_id), array_agg(r.credits) INTO v_ids, v_amounts
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, credit text, credits bigint)
    WHERE r.attempt_id = ANY (v_fresh) AND r.credit = 'refund'
      AND (SELECT true FROM meshmill.ledger AS l WHERE l.attempt_id = r.attempt_id AND l.kind = 'refund' LIMIT 1) IS NULL;
    PERFORM meshmill.refund(coalesce(v_ids, '{}'), v_amounts);
    PERFORM meshmill.reconcile(p_answers, v_fresh, v_doubts);

    -- The org: out of credits by its own word or by three deductions that failed, or working again.
    UPDATE meshmill.orgs AS o
    SET parked_until = CASE
            -- POSTs that were in flight when it was parked say nothing new.
            WHEN r.park AND o.parked_until > v_now THEN o.parked_until
            WHEN r.park THEN v_now + make_interval(secs => least(r.delay * 2 ^ least(o.parked_times, 20), r.delay_cap))
            WHEN r.accepted THEN NULL
            WHEN o.credit_errors + r.credit_errors >= 3 AND coalesce(o.parked_until <= v_now, true)
                THEN v_now + make_interval(secs => least(900 * 2 ^ least(o.parked_times, 20), 21600) * r.scale)
            ELSE o.parked_until
        END,
        parked_times = CASE
            WHEN r.accepted AND NOT r.park THEN 0
            WHEN o.parked_until > v_now THEN o.parked_times
            WHEN r.park OR o.credit_errors + r.credit_errors >= 3 THEN o.parked_times + 1
            ELSE o.parked_times
        END,
        parked_reason = CASE
            WHEN r.park THEN r.reason
            WHEN r.accepted THEN NULL
            WHEN o.credit_errors + r.credit_errors >= 3
                THEN 'the provider failed to deduct credits ' || o.credit_errors + r.credit_errors || ' times in a row'
            ELSE o.parked_reason
        END,
        credit_errors = CASE WHEN r.accepted THEN 0 ELSE o.credit_errors + r.credit_errors END
    FROM (
        SELECT a.org_id, bool_or(r.org = 'park') AS park, bool_or(r.outcome = 'generating') AS accepted,
               count(*) FILTER (WHERE r.error_code = 'CREDIT_ERROR') AS credit_errors, max(r.org_delay) AS delay,
               max(r.org_delay_cap) AS delay_cap, max(r.org_reason) AS reason,
               max(meshmill.time_scale(k.rate_window)) AS scale
        FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, outcome text, error_code text, org text,
            org_delay double precision, org_delay_cap double precision, org_reason text)
        JOIN meshmill.attempts AS a ON a.id = r.attempt_id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        WHERE a.id = ANY (v_fresh)
        GROUP BY a.org_id
    ) AS r
    WHERE o.id = r.org_id AND (r.park OR r.credit_errors > 0
        OR r.accepted AND (o.parked_until IS NOT NULL OR o.credit_errors > 0));

    -- The key: what the provider counts, holds, parking, and when it may send next. A key has one POST in flight, so
    -- it is in a batch of answers once, but for late ones; the newest then counts.
    UPDATE meshmill.keys AS k
    SET accepted_at = CASE WHEN r.outcome = 'generating' THEN coalesce(k.accepted_at, v_now) ELSE k.accepted_at END,
        last_verdict = CASE WHEN r.verdict IS NULL THEN k.last_verdict ELSE r.verdict END,
        last_verdict_at = CASE WHEN r.verdict IS NULL THEN k.last_verdict_at ELSE v_now END,
        blocked_until = CASE
            WHEN r.key = 'hold' THEN greatest(k.blocked_until, v_now + make_interval(secs => r.key_delay))
            WHEN r.key = 'grace' THEN greatest(k.blocked_until, least(r.counted_by, v_now + make_interval(secs => r.key_delay)))
            WHEN k.blocked_until <= v_now THEN NULL
            ELSE k.blocked_until
        END,
        state = CASE
            WHEN r.key IN ('park', 'disable') AND k.state IN ('active', 'parked', 'disabled')
                THEN CASE r.key WHEN 'park' THEN 'parked' ELSE 'disabled' END::meshmill.key_state
            WHEN r.outcome = 'generating' AND k.state IN ('parked', 'disabled') THEN 'active'
            ELSE k.state
        END,
        state_reason = CASE
            WHEN r.key <> 'none' THEN r.key_reason
            WHEN r.outcome = 'generating' AND k.state IN ('active', 'parked', 'disabled') THEN NULL
            ELSE k.state_reason
        END,
        probe_at = CASE
            WHEN r.key = 'park' THEN least(meshmill.jittered_reset(k, v_now),
                v_now + make_interval(secs => least(r.key_delay * 2 ^ least(k.probe_times, 20), r.key_delay_cap)))
            WHEN r.key = 'disable'
                THEN v_now + make_interval(secs => least(r.key_delay * 2 ^ least(k.probe_times, 20), r.key_delay_cap))
            WHEN r.outcome = 'generating' THEN NULL
            WHEN k.state IN ('parked', 'disabled') THEN v_now + make_interval(secs => 1)
            ELSE NULL
        END,
        probe_times = CASE
            WHEN r.key IN ('park', 'disable') THEN k.probe_times + 1
            WHEN r.outcome = 'generating' THEN 0
            ELSE k.probe_times
        END
    FROM (
        SELECT DISTINCT ON (a.key_id) a.key_id, a.counted_by, r.*
        FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, outcome text, key text, key_delay double precision,
            key_delay_cap double precision, key_reason text, verdict text)
        JOIN meshmill.attempts AS a ON a.id = r.attempt_id
        WHERE a.id = ANY (v_fresh)
        ORDER BY a.key_id, a.id DESC
    ) AS r
    WHERE k.id = r.key_id;
    -- When it may send next. Never before now: among keys alike the one that rested longest is next. A late answer
    -- shortens the pace only if nothing was sent since.
    UPDATE meshmill.keys AS k
    SET next_send_at = r.next_send_at,
        ready_at = greatest(v_now, k.blocked_until, r.next_send_at, (
            SELECT s.free_at FROM meshmill.slots AS s WHERE s.key_id = k.id
            ORDER BY s.free_at, s.ordinal OFFSET k.reserve_slots LIMIT 1))
    FROM (
        SELECT DISTINCT ON (a.key_id) a.key_id, CASE
                WHEN a.id < (SELECT n.id FROM meshmill.attempts AS n WHERE n.key_id = a.key_id ORDER BY n.id DESC LIMIT 1)
                    OR r.slot = 'keep' THEN l.next_send_at
                WHEN p.pace IS NULL THEN NULL
                -- It waited for the POST before it by the rule of then, which may be another now.
                WHEN r.slot = 'free' THEN greatest(v_now, p.pace + (
                    SELECT meshmill.latest_count(n, w) FROM meshmill.attempts AS n, meshmill.window_profile AS w
                    WHERE n.key_id = a.key_id AND n.id < a.id AND NOT n.uncounted ORDER BY n.id DESC LIMIT 1))
                ELSE v_now + p.pace
            END AS next_send_at
        FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, slot text)
        JOIN meshmill.attempts AS a ON a.id = r.attempt_id
        JOIN meshmill.keys AS l ON l.id = a.key_id
        CROSS JOIN LATERAL (
            SELECT meshmill.pace(v_model, l.rate_limit, l.reserve_slots, l.rate_window, l.margin) AS pace
        ) AS p
        WHERE a.id = ANY (v_fresh)
        ORDER BY a.key_id, a.id DESC
    ) AS r
    WHERE k.id = r.key_id
      AND (SELECT true FROM meshmill.attempts AS a
           WHERE a.key_id = k.id AND a.state = 'submitting' AND NOT a.id = ANY (v_fresh) LIMIT 1) IS NULL;

    -- Refused like five others of its batch before it: it waits for the batch to be believed again.
    v_spared := meshmill.doubt_batches(p_answers, v_fresh);

    -- The job: only if this is its newest attempt and it has not changed hands; a late answer finds it waiting, or held
    -- for a doubt that is none any more. Whom a person holds only a generation ends, which is there to be fetched.
    WITH moves AS (
        UPDATE meshmill.jobs AS j
        SET state = CASE CASE WHEN a.id = ANY (v_spared) OR h.is_doubt AND j.unknowns = 0 THEN 'schedule' ELSE r.job END
                WHEN 'generating' THEN 'generating' WHEN 'queue' THEN 'queued' WHEN 'schedule' THEN 'scheduled'
                WHEN 'fail' THEN 'failed' ELSE 'held'
            END::meshmill.job_state,
            worker_id = p_worker,
            lease_epoch = CASE WHEN j.state = 'submitting' THEN j.lease_epoch ELSE j.lease_epoch + 1 END,
            due = r.job = 'queue',
            run_at = CASE
                WHEN a.id = ANY (v_spared) THEN v_now + meshmill.jittered(900 * meshmill.time_scale(k.rate_window))
                WHEN h.is_doubt AND j.unknowns = 0 THEN v_now + k.rate_window
                WHEN r.job = 'schedule' THEN v_now + make_interval(secs => r.job_delay)
            END,
            attempts = j.attempts - CASE WHEN r.outcome = 'unsent' THEN 1 ELSE 0 END,
            failures = j.failures + CASE WHEN r.counts = 'own' AND NOT a.id = ANY (v_spared) THEN 1 ELSE 0 END,
            provider_failures = j.provider_failures + CASE WHEN r.counts = 'provider' THEN 1 ELSE 0 END,
            unknowns = j.unknowns + CASE WHEN r.counts = 'unknown' THEN 1 ELSE 0 END,
            error_code = CASE WHEN r.job = 'generating' THEN NULL ELSE r.error_code END,
            error = CASE WHEN r.job = 'generating' THEN NULL ELSE r.error END,
            completed_at = CASE WHEN r.job = 'fail' AND NOT a.id = ANY (v_spared) THEN v_now END
        FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, outcome text, job text, job_delay double precision,
            counts text, error_code text, error text)
        JOIN meshmill.attempts AS a ON a.id = r.attempt_id
        JOIN meshmill.keys AS k ON k.id = a.key_id
        -- To be held for its second doubt; the first may have turned out to be none while this POST was under way.
        CROSS JOIN LATERAL (
            SELECT r.job = 'hold' AND r.counts = 'unknown'
                AND (SELECT b.on_ambiguous = 'evidence' FROM meshmill.batches AS b WHERE b.id = a.batch_id) AS is_doubt
        ) AS h
        WHERE a.id = ANY (v_fresh) AND j.id = a.job_id AND j.attempt_id = a.id
          AND (j.state = 'submitting' AND j.lease_epoch = a.lease_epoch
               OR a.state = 'unknown' AND (j.state IN ('scheduled', 'queued')
                   OR j.state = 'held' AND (r.job = 'generating' OR j.error_code LIKE 'unknown%')))
        RETURNING a.id
    )
    SELECT coalesce(array_agg(m.id), '{}') INTO v_moved FROM moves AS m;
    IF cardinality(v_late) > 0 THEN
        -- Held jobs keep no batch open, and this one may run again.
        UPDATE meshmill.batches AS b SET state = 'open'
        FROM meshmill.attempts AS a
        JOIN meshmill.jobs AS j ON j.id = a.job_id  -- which may have been given to another tenant since
        WHERE a.id = ANY (v_late) AND a.id = ANY (v_moved) AND b.id = j.batch_id AND b.state = 'finished';
    END IF;

    -- The attempt. A generation whose job went another way is paid for and belongs to nobody.
    UPDATE meshmill.attempts AS a
    SET state = CASE
            WHEN r.outcome = 'generating' AND NOT a.id = ANY (v_moved) THEN 'failed'
            ELSE r.outcome
        END::meshmill.attempt_state,
        paid_twice = r.outcome = 'generating' AND NOT a.id = ANY (v_moved),
        answered_at = CASE WHEN r.outcome IN ('generating', 'refused') THEN v_now END,
        ended_at = CASE WHEN r.outcome = 'generating' AND a.id = ANY (v_moved) THEN NULL ELSE v_now END,
        generation_id = r.generation_id,
        http_status = r.http_status,
        error_code = CASE WHEN r.outcome = 'generating' AND NOT a.id = ANY (v_moved) THEN 'paid_twice' ELSE r.error_code END,
        error = r.error,
        refund_unconfirmed = coalesce(r.refund_unconfirmed, false),
        credits_remaining = r.credits_remaining,
        key_monthly_used = r.key_monthly_used,
        key_monthly_limit = r.key_monthly_limit
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, outcome text, generation_id text, http_status smallint,
        error_code text, error text, refund_unconfirmed boolean, credits_remaining bigint, key_monthly_used bigint,
        key_monthly_limit bigint)
    WHERE a.id = r.attempt_id AND a.id = ANY (v_fresh);

    -- What a 429 says of the key's window; see 15_windows.sql.
    PERFORM meshmill.note_rate_limit(r.attempt_id, r.stated_limit, r.stated_used, r.stated_remaining, r.retry_after)
    FROM jsonb_to_recordset(p_answers) AS r (attempt_id bigint, http_status smallint, stated_limit bigint,
        stated_used bigint, stated_remaining bigint, retry_after double precision)
    WHERE r.http_status = 429 AND r.attempt_id = ANY (v_fresh);
    PERFORM meshmill.weigh(p_answers, v_fresh);

    RETURN QUERY
    SELECT a.id, a.id = ANY (v_fresh), a.id = ANY (v_moved), j.state, j.lease_epoch
    FROM meshmill.attempts AS a
    JOIN meshmill.jobs AS j ON j.id = a.job_id
    WHERE a.id = ANY (v_all);
END $$;
COMMENT ON FUNCTION meshmill.settle(uuid, jsonb) IS 'Records the answers to POSTs, and those that will never come: slots, credits, keys, orgs, jobs, attempts, ledger. accepted: the answer was the first for its attempt; moved: the job followed it.';

-- A file outlives its database: after a restore the same number may be another worker's attempt.
CREATE FUNCTION meshmill.settle_spooled(p_worker uuid, p_attempt bigint, p_answers jsonb) RETURNS bigint
    LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM meshmill.attempts AS a WHERE a.id = p_attempt AND a.worker_id = p_worker) THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM meshmill.settle(p_worker, p_answers));
END $$;
COMMENT ON FUNCTION meshmill.settle_spooled(uuid, bigint, jsonb) IS 'Records an answer that lay in a file, if it is to an attempt of the worker that it names; returns 0 if there is none.';

CREATE FUNCTION meshmill.finish(p_worker uuid, p_results jsonb)
    RETURNS TABLE (attempt_id bigint, accepted boolean)
    LANGUAGE plpgsql
    SET jit = off
    SET enable_seqscan = off
    SET enable_bitmapscan = off
    SET enable_mergejoin = off
    SET random_page_cost = 1.1
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := meshmill.clock();
    v_all bigint[] := ARRAY(SELECT (e ->> 'attempt_id')::bigint FROM jsonb_array_elements(p_results) AS e);
    v_ids bigint[];
    v_amounts bigint[];
    v_moved bigint[];
BEGIN
    PERFORM meshmill.lock_accounts(v_all);

    -- A refund is a fact about the attempt, whoever saw it.
    SELECT array_agg(a.id), array_agg(a.credits::bigint) INTO v_ids, v_amounts
    FROM jsonb_to_recordset(p_results) AS r (attempt_id bigint, refunded boolean)
    JOIN meshmill.attempts AS a ON a.id = r.attempt_id
    WHERE r.refunded AND a.credits > 0 AND a.state IN ('generating', 'failed')
      AND NOT EXISTS (SELECT 1 FROM meshmill.ledger AS l WHERE l.attempt_id = a.id AND l.kind = 'refund');
    PERFORM meshmill.refund(coalesce(v_ids, '{}'), v_amounts);

    WITH moves AS (
        UPDATE meshmill.jobs AS j
        SET state = CASE r.job
                WHEN 'complete' THEN 'completed' WHEN 'queue' THEN 'queued' WHEN 'schedule' THEN 'scheduled'
                WHEN 'fail' THEN 'failed' ELSE 'held'
            END::meshmill.job_state,
            due = r.job = 'queue',
            verifying = false,
            run_at = CASE WHEN r.job = 'schedule' THEN v_now + make_interval(secs => r.job_delay) END,
            failures = j.failures + CASE WHEN r.counts = 'own' THEN 1 ELSE 0 END,
            provider_failures = j.provider_failures + CASE WHEN r.counts = 'provider' THEN 1 ELSE 0 END,
            error_code = r.error_code,
            error = r.error,
            glb_sha256 = decode(r.glb_sha256, 'hex'),
            glb_bytes = r.glb_bytes,
            completed_at = CASE WHEN r.job IN ('complete', 'fail') THEN v_now END
        FROM jsonb_to_recordset(p_results) AS r (attempt_id bigint, job_id bigint, lease_epoch bigint, job text,
            job_delay double precision, counts text, error_code text, error text, glb_sha256 text, glb_bytes bigint)
        WHERE j.id = r.job_id AND j.attempt_id = r.attempt_id
          AND j.lease_epoch = r.lease_epoch  -- a zombie's epoch is older and matches nothing
          AND j.worker_id = p_worker
          AND j.state IN ('generating', 'downloading')
        RETURNING r.attempt_id AS id
    )
    SELECT coalesce(array_agg(m.id), '{}') INTO v_moved FROM moves AS m;

    UPDATE meshmill.attempts AS a
    SET state = CASE r.job WHEN 'complete' THEN 'completed' ELSE 'failed' END::meshmill.attempt_state,
        ended_at = v_now,
        error_code = r.error_code,
        error = r.error,
        refund_unconfirmed = coalesce(r.refund_unconfirmed, false)
    FROM jsonb_to_recordset(p_results) AS r (attempt_id bigint, job text, error_code text, error text,
        refund_unconfirmed boolean)
    WHERE a.id = r.attempt_id AND a.state = 'generating' AND a.id = ANY (v_moved);
    SELECT array_agg(a.id) INTO v_ids
    FROM meshmill.attempts AS a WHERE a.id = ANY (v_moved) AND a.refund_unconfirmed AND a.credits > 0;
    PERFORM meshmill.await_refunds(coalesce(v_ids, '{}'));

    UPDATE meshmill.outputs AS o SET published_at = v_now
    FROM jsonb_to_recordset(p_results) AS r (attempt_id bigint, job_id bigint, outputs jsonb)
    CROSS JOIN LATERAL jsonb_array_elements_text(r.outputs) AS p (output)
    -- Another job may have taken it over meanwhile, or another tenant the job.
    WHERE r.attempt_id = ANY (v_moved) AND o.job_id = r.job_id AND o.output = p.output;

    RETURN QUERY SELECT u.id, u.id = ANY (v_moved) FROM unnest(v_all) AS u (id);
END $$;
COMMENT ON FUNCTION meshmill.finish(uuid, jsonb) IS 'Records how generations ended: completed (the GLB is on disk and verified) or failed, with refunds. accepted is false when the job has another owner or another fate by now; then nothing of the job was written.';
