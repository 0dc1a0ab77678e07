/// What a simulation adds to the product's schema: its clock, the observer's list of changes, and the way back.
enum ObserverSchema {
    static let sql = clock + changes + triggers + baseline

    /// The product's one clock, with the simulation's time in place of the server's; everything else stays as it is.
    private static let clock = """
        CREATE OR REPLACE FUNCTION meshmill.clock() RETURNS timestamptz
            LANGUAGE sql STABLE PARALLEL SAFE
            RETURN timestamptz 'epoch'
                + coalesce(current_setting('simulation.now', true), '0')::bigint * interval '1 microsecond';

        """

    private static let changes = """
        CREATE SCHEMA observer;
        CREATE FUNCTION observer.us(t timestamptz) RETURNS bigint LANGUAGE sql STABLE
            RETURN (extract(epoch FROM t) * 1000000)::bigint;
        CREATE UNLOGGED TABLE observer.changes (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            what text NOT NULL,
            a bigint, b bigint, c bigint, d bigint, e bigint, f bigint, g bigint, h bigint,
            t bigint, u bigint,
            old text, new text, note text,
            p boolean NOT NULL DEFAULT false, q boolean NOT NULL DEFAULT false, r boolean NOT NULL DEFAULT false
        );

        """

    /// A trigger for each table: what it is called in the list, when it tells, and what.
    private static let triggers = [
        trigger(
            "jobs",
            columns: "a, b, c, d, e, f, g, old, new, note",
            values: """
                n.id, n.batch_id, n.tenant_id, n.attempt_id, n.lease_epoch, n.attempts, n.unknowns,
                o.state::text, n.state::text, n.worker_id::text
                """
        ),
        trigger(
            "attempts",
            columns: "a, b, c, d, e, f, t, u, old, new, note, p, q, r",
            values: """
                n.id, n.job_id, n.key_id, n.slot, n.credits, n.batch_id, observer.us(n.claimed_at),
                observer.us(n.counted_by), o.state::text, n.state::text, n.generation_id, n.probe, n.reserved,
                n.paid_twice
                """
        ),
        trigger(
            "slots",
            columns: "a, b, c, t, new",
            values: "n.key_id, n.ordinal, n.attempt_id, observer.us(n.free_at), 'slot'",
            deleted: "a, b, old",
            deletedValues: "o.key_id, o.ordinal, 'slot'"
        ),
        trigger(
            "keys",
            columns: "a, b, c, d, e, f, g, h, t, old, new, note",
            values: """
                n.id, n.monthly_used, n.reserved, n.monthly_limit, n.provider_monthly_limit,
                n.provider_monthly_used, n.rate_limit, n.org_id, n.month,
                o.state::text, n.state::text, n.name
                """
        ),
        trigger(
            "orgs",
            columns: "a, b, c, t, note, p",
            values: "n.id, n.credits_remaining, n.reserved, observer.us(n.parked_until), n.name, n.paused"
        ),
        trigger(
            "tenants",
            columns: "a, b, c, d, t, note, p",
            values: """
                n.id, n.monthly_used, n.reserved, n.monthly_budget, (n.period - date '2000-01-01')::bigint, n.name,
                n.paused
                """
        ),
        trigger(
            "batches",
            columns: "a, b, c, d, e, old, new, note",
            values: """
                n.id, n.used, n.reserved, n.max_credits, n.max_attempts, o.state::text, n.state::text, n.on_ambiguous
                """
        ),
        trigger(
            "ledger",
            columns: "a, b, c, d, e, f, g, t, new",
            values: """
                n.attempt_id, n.amount, n.key_id, n.org_id, n.tenant_id, n.batch_id, n.key_month,
                (n.period - date '2000-01-01')::bigint, n.kind::text
                """
        ),
        trigger(
            "pending_balances",
            columns: "a, b, c, d, t, new",
            values: "n.tenant_id, n.batch_id, n.reserved, n.used, (n.period - date '2000-01-01')::bigint, 'pending'",
            deleted: "a, b, c, d, t, old",
            deletedValues: """
                o.tenant_id, o.batch_id, o.reserved, o.used, (o.period - date '2000-01-01')::bigint, 'pending'
                """
        ),
        trigger(
            "workers",
            columns: "t, u, note, p",
            values: "observer.us(n.lease_until), observer.us(meshmill.clock()), n.id::text, n.stopped_at IS NOT NULL"
        ),
        trigger("installation", columns: "p", values: "n.submitting"),
        trigger("breaker", columns: "p", values: "n.is_open"),
        trigger(
            "window_profile",
            columns: "a, t, note",
            values: """
                extract(epoch FROM n.clock_step) * 1000000, observer.us(n.clock_stepped_at),
                coalesce(n.pinned, n.learned)::text
                """
        ),
    ].joined()

    private static func trigger(
        _ table: String,
        columns: String,
        values: String,
        deleted: String? = nil,
        deletedValues: String = ""
    ) -> String {
        let onDelete = deleted.map { columns in
            """
                IF TG_OP = 'DELETE' THEN
                    o := OLD;
                    INSERT INTO observer.changes (what, \(columns)) SELECT '\(table)', \(deletedValues);
                    RETURN NULL;
                END IF;
            """
        }
        return """
            CREATE FUNCTION observer.note_\(table)() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            DECLARE
                n meshmill.\(table);
                o meshmill.\(table);
            BEGIN
            \(onDelete ?? "")
                n := NEW;
                IF TG_OP = 'UPDATE' THEN
                    o := OLD;
                END IF;
                INSERT INTO observer.changes (what, \(columns)) VALUES ('\(table)', \(values));
                RETURN NULL;
            END $$;
            CREATE TRIGGER observer AFTER INSERT OR UPDATE\(deleted == nil ? "" : " OR DELETE") ON meshmill.\(table)
                FOR EACH ROW EXECUTE FUNCTION observer.note_\(table)();
            ALTER TABLE meshmill.\(table) ENABLE ALWAYS TRIGGER observer;

            """
    }
}
