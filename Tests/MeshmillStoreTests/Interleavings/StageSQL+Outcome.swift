extension StageSQL {
    /// The content in words that hold for any order of ids and times, so that schedules can be compared.
    static let outcome = """
        CREATE FUNCTION interleaving.outcome() RETURNS text LANGUAGE sql AS $$
        SELECT string_agg(o.line, E'\\n' ORDER BY o.line) FROM (
            SELECT format('job %s %s epoch %s, %s attempts, failures %s+%s, %s unknown, %s%s%s', j.id, j.state, j.lease_epoch,
                j.attempts, j.failures, j.provider_failures, j.unknowns,
                coalesce((SELECT w.name FROM meshmill.workers AS w WHERE w.id = j.worker_id), 'nobody'),
                ', ' || j.error_code, CASE WHEN j.run_at <= meshmill.clock() THEN ', due' END)
            FROM meshmill.jobs AS j
            UNION ALL
            SELECT format('attempt of job %s with key %s %s by %s epoch %s, %s credits%s%s%s%s', a.job_id, a.key_id, a.state,
                (SELECT w.name FROM meshmill.workers AS w WHERE w.id = a.worker_id), a.lease_epoch, a.credits,
                CASE WHEN a.reserved THEN ', reserved' END, CASE WHEN a.paid_twice THEN ', paid twice' END,
                CASE WHEN a.refund_unconfirmed THEN ', refund open' END, ', ' || a.error_code)
            FROM meshmill.attempts AS a
            UNION ALL
            SELECT format('key %s %s limit %s, month %s of %s, %s used, %s reserved, %s posts, %s slots taken%s%s', k.id, k.state,
                k.rate_limit, k.month, coalesce(k.monthly_limit::text, 'any'), k.monthly_used, k.reserved, k.posts,
                (SELECT count(*) FROM meshmill.slots AS s WHERE s.key_id = k.id AND s.free_at > meshmill.clock() + interval '1 minute'),
                CASE WHEN k.blocked_until > meshmill.clock() THEN ', blocked' END,
                CASE WHEN k.ready_at > meshmill.clock() THEN ', not ready' END)
            FROM meshmill.keys AS k
            UNION ALL
            SELECT format('org %s %s reserved, %s left%s', o.id, o.reserved, o.credits_remaining,
                CASE WHEN o.parked_until IS NOT NULL THEN ', parked' END) FROM meshmill.orgs AS o
            UNION ALL
            SELECT format('tenant %s %s used, %s reserved, virtual time %s%s', t.id, m.monthly_used, m.reserved,
                round(t.virtual_time::numeric, 3), CASE WHEN t.paused THEN ', paused' END)
            FROM meshmill.tenants AS t JOIN meshmill.tenant_balances AS m USING (id)
            UNION ALL
            SELECT format('batch %s %s %s used, %s reserved', b.id, b.state, m.used, m.reserved)
            FROM meshmill.batches AS b JOIN meshmill.batch_balances AS m USING (id)
            UNION ALL
            SELECT format('worker %s%s%s%s', w.name, CASE WHEN w.lease_until > meshmill.clock() THEN ', alive' END,
                CASE WHEN w.unbroken_since <> o.unbroken_since THEN ', back' END,
                CASE WHEN w.stopped_at IS NOT NULL THEN ', stopped' END)
            FROM meshmill.workers AS w JOIN interleaving.workers AS o ON o.id = w.id
            UNION ALL
            SELECT format('ledger %s %s of key %s in %s', l.kind, sum(l.amount), l.key_id, l.key_month)
            FROM meshmill.ledger AS l GROUP BY l.kind, l.key_id, l.key_month
            UNION ALL
            SELECT format('audit %s %s of %s', count(*), l.what, l.subject) FROM meshmill.audit_log AS l GROUP BY l.what, l.subject
            UNION ALL
            SELECT format('output %s of job %s%s', u.output, u.job_id, CASE WHEN u.published_at IS NOT NULL THEN ', published' END)
            FROM meshmill.outputs AS u
            UNION ALL
            SELECT format('switch %s', i.submitting) FROM meshmill.installation AS i
        ) AS o (line)
        $$;

        """
}
