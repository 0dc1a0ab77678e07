-- The first schema: words of the domain as tables, each limit as a constraint, and one clock.
-- Forward only and never edited once released; `meshmill migrate` applies it in one transaction.

CREATE SCHEMA IF NOT EXISTS meshmill;
COMMENT ON SCHEMA meshmill IS 'Meshmill''s tables and the functions that its processes call. Read through the schema ops.';

-- ---------------------------------------------------------------------------------------------- time

CREATE TABLE meshmill.clock_offset (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT one_clock_offset CHECK (singleton),
    shift interval NOT NULL DEFAULT interval '0'
);
COMMENT ON TABLE meshmill.clock_offset IS 'One row: how far meshmill.clock() is ahead of the server''s clock. Zero in production; tests move it to run a month in seconds.';
COMMENT ON COLUMN meshmill.clock_offset.singleton IS 'Always true: there is one row.';
COMMENT ON COLUMN meshmill.clock_offset.shift IS 'Added to statement_timestamp(). Only the owner may change it.';
INSERT INTO meshmill.clock_offset DEFAULT VALUES;

-- STABLE, so that it may be an index condition; statement_timestamp() and not now(), which is the start of the
-- transaction and would free a slot too early.
CREATE FUNCTION meshmill.clock() RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN statement_timestamp() + (SELECT o.shift FROM meshmill.clock_offset AS o);
COMMENT ON FUNCTION meshmill.clock() IS 'The only clock of scheduling decisions: the start of the current statement by the database''s clock, plus clock_offset.';

-- ---------------------------------------------------------------------------------------------- words

CREATE TYPE meshmill.job_state AS ENUM
    ('scheduled', 'queued', 'submitting', 'generating', 'downloading', 'completed', 'failed', 'cancelled', 'held');
COMMENT ON TYPE meshmill.job_state IS 'scheduled (runs at run_at), queued, submitting (POST under way), generating, downloading, then completed, failed, cancelled, or held (waits for a person).';

CREATE TYPE meshmill.attempt_state AS ENUM
    ('submitting', 'generating', 'completed', 'failed', 'refused', 'unsent', 'unknown');
COMMENT ON TYPE meshmill.attempt_state IS 'submitting and generating are live; refused: answered with an error; unsent: provably never left; unknown: may have been sent, and its answer never came.';

CREATE TYPE meshmill.key_state AS ENUM ('active', 'paused', 'draining', 'parked', 'disabled', 'removed');
COMMENT ON TYPE meshmill.key_state IS 'active; paused by a person; draining: no new POST, in flight goes on; parked: out of quota, probes itself; disabled: refused by the provider, probes itself; removed: kept for its history.';

CREATE TYPE meshmill.batch_state AS ENUM ('open', 'paused', 'finished');
COMMENT ON TYPE meshmill.batch_state IS 'open: its jobs may run; paused by a person; finished: every job has ended. Submitting again opens it.';

CREATE TYPE meshmill.ledger_kind AS ENUM ('reserve', 'charge', 'refund', 'release', 'adjust', 'external');
COMMENT ON TYPE meshmill.ledger_kind IS 'reserve at claim; charge or release at the answer; refund by the provider; adjust and external are corrections from observations.';

-- ---------------------------------------------------------------------------------------------- installation

CREATE TABLE meshmill.installation (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT one_installation CHECK (singleton),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    master_key_id text,
    artifact_url text,
    submitting boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT meshmill.clock()
);
COMMENT ON TABLE meshmill.installation IS 'One row: what every process of this installation must agree on, and the switch.';
COMMENT ON COLUMN meshmill.installation.singleton IS 'Always true: there is one row.';
COMMENT ON COLUMN meshmill.installation.id IS 'Random name of this installation.';
COMMENT ON COLUMN meshmill.installation.master_key_id IS 'Fingerprint of the master key that seals provider keys. NULL until the first key is stored.';
COMMENT ON COLUMN meshmill.installation.artifact_url IS 'Absolute URL of the artifact store with the prepared inputs. NULL until the first submission.';
COMMENT ON COLUMN meshmill.installation.submitting IS 'The switch: false stops every new POST within two seconds; polls and downloads go on.';
COMMENT ON COLUMN meshmill.installation.created_at IS 'When this row was made.';
INSERT INTO meshmill.installation DEFAULT VALUES;

CREATE TABLE meshmill.settings (
    name text PRIMARY KEY,
    value text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT meshmill.clock()
);
COMMENT ON TABLE meshmill.settings IS 'Settings that differ from their defaults, for every process; an environment variable of a process wins over its row.';
COMMENT ON COLUMN meshmill.settings.name IS 'lease, request_deadline, grace, margin.';
COMMENT ON COLUMN meshmill.settings.value IS 'As typed, for example 30s or 15m.';
COMMENT ON COLUMN meshmill.settings.updated_at IS 'When it was last set.';

-- ---------------------------------------------------------------------------------------------- provider side

CREATE TABLE meshmill.breaker (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT one_breaker CHECK (singleton),
    is_open boolean NOT NULL DEFAULT false,
    failures_in_row integer NOT NULL DEFAULT 0,
    recent bit(10) NOT NULL DEFAULT B'0000000000',
    opened_times integer NOT NULL DEFAULT 0,
    probe_at timestamptz,
    probe_successes integer NOT NULL DEFAULT 0,
    ramp_until timestamptz,
    ramp_started_at timestamptz,
    reason text,
    changed_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    CONSTRAINT open_has_probe_at CHECK (NOT is_open OR probe_at IS NOT NULL)
);
COMMENT ON TABLE meshmill.breaker IS 'One row: the provider-wide stop after repeated failures. Written after answers, only read by a claim.';
COMMENT ON COLUMN meshmill.breaker.singleton IS 'Always true: there is one row.';
COMMENT ON COLUMN meshmill.breaker.is_open IS 'True while no job is submitted but one probe at a time.';
COMMENT ON COLUMN meshmill.breaker.failures_in_row IS 'Provider failures since the last answer that was none; three open the breaker.';
COMMENT ON COLUMN meshmill.breaker.recent IS 'The last ten POSTs, newest on the right, 1 for a provider failure; five open the breaker.';
COMMENT ON COLUMN meshmill.breaker.opened_times IS 'How often it opened or stayed open since it last closed; the open time doubles with it.';
COMMENT ON COLUMN meshmill.breaker.probe_at IS 'When the next probe, a real job, may be sent. NULL while closed.';
COMMENT ON COLUMN meshmill.breaker.probe_successes IS 'Successful probes since it opened; two close it.';
COMMENT ON COLUMN meshmill.breaker.ramp_started_at IS 'When it last closed: POSTs in flight are then limited to 1, 2, 4, 8 … until ramp_until.';
COMMENT ON COLUMN meshmill.breaker.ramp_until IS 'End of the limit on POSTs in flight after it closed. NULL when there is none.';
COMMENT ON COLUMN meshmill.breaker.reason IS 'The last provider failure, for people.';
COMMENT ON COLUMN meshmill.breaker.changed_at IS 'When the row last changed.';
INSERT INTO meshmill.breaker DEFAULT VALUES;

CREATE TABLE meshmill.orgs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    paused boolean NOT NULL DEFAULT false,
    credits_remaining bigint,
    credits_observed_at timestamptz,
    reserved bigint NOT NULL DEFAULT 0 CONSTRAINT org_reserved_not_negative CHECK (reserved >= 0),
    parked_until timestamptz,
    parked_times integer NOT NULL DEFAULT 0,
    parked_reason text,
    created_at timestamptz NOT NULL DEFAULT meshmill.clock()
) WITH (fillfactor = 70);
COMMENT ON TABLE meshmill.orgs IS 'Accounts at the provider: the credits that their keys share.';
COMMENT ON COLUMN meshmill.orgs.id IS 'Ours.';
COMMENT ON COLUMN meshmill.orgs.name IS 'Chosen by the admin; a key without an org is its own org, named like the key.';
COMMENT ON COLUMN meshmill.orgs.paused IS 'True: no new POST with any of its keys.';
COMMENT ON COLUMN meshmill.orgs.credits_remaining IS 'What the provider last said the account has, never above what overlapping answers allow. NULL until the first answer: not known, not limited.';
COMMENT ON COLUMN meshmill.orgs.credits_observed_at IS 'When that was said.';
COMMENT ON COLUMN meshmill.orgs.reserved IS 'Credits reserved by attempts that are not settled; the fold of the ledger.';
COMMENT ON COLUMN meshmill.orgs.parked_until IS 'Out of credits: no POST until then; the first after it is the probe. NULL when not parked.';
COMMENT ON COLUMN meshmill.orgs.parked_times IS 'How often it was parked in a row; the time doubles with it.';
COMMENT ON COLUMN meshmill.orgs.parked_reason IS 'The provider''s words when it was parked.';
COMMENT ON COLUMN meshmill.orgs.created_at IS 'When it was added.';

CREATE TABLE meshmill.pools (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    paused boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE meshmill.pools IS 'Sets of keys with the tenants that may use them.';
COMMENT ON COLUMN meshmill.pools.id IS 'Ours.';
COMMENT ON COLUMN meshmill.pools.name IS 'Chosen by the admin; there is always the pool default.';
COMMENT ON COLUMN meshmill.pools.paused IS 'True: no new POST with any of its keys.';
INSERT INTO meshmill.pools (name) VALUES ('default');

CREATE TABLE meshmill.keys (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    state meshmill.key_state NOT NULL DEFAULT 'active',
    name text NOT NULL,
    org_id bigint NOT NULL REFERENCES meshmill.orgs,
    pool_id bigint NOT NULL REFERENCES meshmill.pools,
    rate_limit integer NOT NULL DEFAULT 5 CONSTRAINT rate_limit_in_range CHECK (rate_limit BETWEEN 1 AND 1000),
    rate_window interval NOT NULL DEFAULT interval '15 minutes' CONSTRAINT rate_window_positive CHECK (rate_window > interval '0'),
    margin interval NOT NULL DEFAULT interval '3 seconds' CONSTRAINT margin_not_negative CHECK (margin >= interval '0'),
    reserve_slots integer NOT NULL DEFAULT 0 CONSTRAINT reserve_below_limit CHECK (reserve_slots >= 0 AND reserve_slots < rate_limit),
    ready_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    blocked_until timestamptz,
    state_reason text,
    probe_at timestamptz,
    probe_times integer NOT NULL DEFAULT 0,
    period date NOT NULL DEFAULT (date_trunc('month', meshmill.clock() AT TIME ZONE 'UTC'))::date,
    monthly_limit bigint CONSTRAINT monthly_limit_not_negative CHECK (monthly_limit >= 0),
    monthly_used bigint NOT NULL DEFAULT 0 CONSTRAINT monthly_used_not_negative CHECK (monthly_used >= 0),
    reserved bigint NOT NULL DEFAULT 0 CONSTRAINT key_reserved_not_negative CHECK (reserved >= 0),
    provider_monthly_limit bigint,
    provider_monthly_used bigint,
    posts bigint NOT NULL DEFAULT 0,
    accepted_at timestamptz,
    last_post_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    removed_at timestamptz
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX keys_name ON meshmill.keys (name) WHERE state <> 'removed';
COMMENT ON TABLE meshmill.keys IS 'API keys of the provider, without their secrets. One POST in flight a key; ready_at is when the next may start.';
COMMENT ON INDEX meshmill.keys_name IS 'Names are unique among keys that are not removed.';
COMMENT ON COLUMN meshmill.keys.id IS 'Ours.';
COMMENT ON COLUMN meshmill.keys.state IS 'See the type key_state. Only active keys are claimed, and parked or disabled ones once at probe_at.';
COMMENT ON COLUMN meshmill.keys.name IS 'What people call it; never the secret.';
COMMENT ON COLUMN meshmill.keys.org_id IS 'The account whose credits it spends.';
COMMENT ON COLUMN meshmill.keys.pool_id IS 'The pool whose tenants may use it.';
COMMENT ON COLUMN meshmill.keys.rate_limit IS 'Creations per rate_window; as many rows in slots.';
COMMENT ON COLUMN meshmill.keys.rate_window IS 'Length of the provider''s window.';
COMMENT ON COLUMN meshmill.keys.margin IS 'Added to the window before a slot is used again: clock drift and truncation at the provider.';
COMMENT ON COLUMN meshmill.keys.reserve_slots IS 'Slots of the window left free for people who use the key elsewhere.';
COMMENT ON COLUMN meshmill.keys.ready_at IS 'The earliest instant of its next POST: slots, blocked_until and the POST in flight taken together. Written by claim and settle.';
COMMENT ON COLUMN meshmill.keys.blocked_until IS 'A hold: a 429''s retry_after, or a quarantine for an unknown past. NULL when none.';
COMMENT ON COLUMN meshmill.keys.state_reason IS 'Why it is not active or is blocked, for people.';
COMMENT ON COLUMN meshmill.keys.probe_at IS 'When a parked or disabled key is tried again with one real job. NULL otherwise.';
COMMENT ON COLUMN meshmill.keys.probe_times IS 'Failed probes in a row; the wait doubles with it.';
COMMENT ON COLUMN meshmill.keys.period IS 'The month, by its first day in UTC, that monthly_used counts.';
COMMENT ON COLUMN meshmill.keys.monthly_limit IS 'Our cap of credits a month. NULL: none.';
COMMENT ON COLUMN meshmill.keys.monthly_used IS 'Credits charged in the period by us; the fold of the ledger.';
COMMENT ON COLUMN meshmill.keys.reserved IS 'Credits reserved by attempts that are not settled; the fold of the ledger.';
COMMENT ON COLUMN meshmill.keys.provider_monthly_limit IS 'The limit that the provider last reported. NULL: never reported, so none is configured there.';
COMMENT ON COLUMN meshmill.keys.provider_monthly_used IS 'The use that the provider last reported for the period. NULL: not reported.';
COMMENT ON COLUMN meshmill.keys.posts IS 'POSTs ever sent with it.';
COMMENT ON COLUMN meshmill.keys.accepted_at IS 'When the provider first accepted it. NULL: never.';
COMMENT ON COLUMN meshmill.keys.last_post_at IS 'When it was last claimed.';
COMMENT ON COLUMN meshmill.keys.created_at IS 'When it was added.';
COMMENT ON COLUMN meshmill.keys.removed_at IS 'When it was removed. NULL: it was not.';

CREATE TABLE meshmill.key_secrets (
    key_id bigint PRIMARY KEY REFERENCES meshmill.keys ON DELETE CASCADE,
    fingerprint text NOT NULL UNIQUE,
    master_key_id text NOT NULL,
    sealed bytea NOT NULL
);
COMMENT ON TABLE meshmill.key_secrets IS 'The secrets of keys, sealed by the application with the master key (AES-256-GCM, the key''s id as associated data).';
COMMENT ON COLUMN meshmill.key_secrets.key_id IS 'Whose.';
COMMENT ON COLUMN meshmill.key_secrets.fingerprint IS 'Hex of a keyed-by-purpose SHA-256 of the secret: tells whether a secret is known without holding it.';
COMMENT ON COLUMN meshmill.key_secrets.master_key_id IS 'Which master key opens it.';
COMMENT ON COLUMN meshmill.key_secrets.sealed IS 'Nonce, ciphertext and tag.';

CREATE TABLE meshmill.slots (
    key_id bigint NOT NULL REFERENCES meshmill.keys ON DELETE CASCADE,
    ordinal integer NOT NULL,
    free_at timestamptz NOT NULL,
    attempt_id bigint,
    PRIMARY KEY (key_id, ordinal)
) WITH (fillfactor = 50);
COMMENT ON TABLE meshmill.slots IS 'One row for each admission of a key''s window; a key has rate_limit of them.';
COMMENT ON COLUMN meshmill.slots.key_id IS 'Whose.';
COMMENT ON COLUMN meshmill.slots.ordinal IS '0 up to rate_limit - 1.';
COMMENT ON COLUMN meshmill.slots.free_at IS 'When it may be used again. At claim: now + request deadline + grace + window + margin; an answer shortens it to answer + window + margin.';
COMMENT ON COLUMN meshmill.slots.attempt_id IS 'The attempt that last took it; only that attempt may release it. NULL: never taken.';

-- ---------------------------------------------------------------------------------------------- who asks

CREATE TABLE meshmill.tenants (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    pool_id bigint NOT NULL REFERENCES meshmill.pools,
    paused boolean NOT NULL DEFAULT false,
    weight double precision NOT NULL DEFAULT 1 CONSTRAINT weight_positive CHECK (weight > 0 AND weight < 1e6),
    virtual_time double precision NOT NULL DEFAULT 0,
    backlogged boolean NOT NULL DEFAULT false,
    monthly_budget bigint CONSTRAINT budget_not_negative CHECK (monthly_budget >= 0),
    period date NOT NULL DEFAULT (date_trunc('month', meshmill.clock() AT TIME ZONE 'UTC'))::date,
    monthly_used bigint NOT NULL DEFAULT 0 CONSTRAINT tenant_used_not_negative CHECK (monthly_used >= 0),
    reserved bigint NOT NULL DEFAULT 0 CONSTRAINT tenant_reserved_not_negative CHECK (reserved >= 0),
    created_at timestamptz NOT NULL DEFAULT meshmill.clock()
) WITH (fillfactor = 50);
COMMENT ON TABLE meshmill.tenants IS 'Who asks: a share of the pool by weight, maybe a monthly budget.';
COMMENT ON COLUMN meshmill.tenants.id IS 'Ours.';
COMMENT ON COLUMN meshmill.tenants.name IS 'Chosen by the admin; there is always the tenant default.';
COMMENT ON COLUMN meshmill.tenants.pool_id IS 'Its jobs use the keys of this pool only.';
COMMENT ON COLUMN meshmill.tenants.paused IS 'True: none of its jobs is submitted.';
COMMENT ON COLUMN meshmill.tenants.weight IS 'Share of the slots while others wait too; acts at once on the waiting backlog.';
COMMENT ON COLUMN meshmill.tenants.virtual_time IS 'Start-time fair queuing: the start tag of its next job; the least is served first and advances by slots / weight.';
COMMENT ON COLUMN meshmill.tenants.backlogged IS 'True if the last claim saw work for it; on becoming true its virtual time is lifted to the least of the others, so an idle tenant banks nothing.';
COMMENT ON COLUMN meshmill.tenants.monthly_budget IS 'Cap of credits a month (UTC). NULL: none.';
COMMENT ON COLUMN meshmill.tenants.period IS 'The month that monthly_used counts, by its first day.';
COMMENT ON COLUMN meshmill.tenants.monthly_used IS 'Credits charged in the period; the fold of the ledger.';
COMMENT ON COLUMN meshmill.tenants.reserved IS 'Credits reserved by attempts that are not settled; the fold of the ledger.';
COMMENT ON COLUMN meshmill.tenants.created_at IS 'When it was added.';
INSERT INTO meshmill.tenants (name, pool_id) SELECT 'default', p.id FROM meshmill.pools AS p WHERE p.name = 'default';

CREATE TABLE meshmill.batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state meshmill.batch_state NOT NULL DEFAULT 'open',
    tenant_id bigint NOT NULL REFERENCES meshmill.tenants,
    out text NOT NULL,
    max_credits bigint CONSTRAINT max_credits_not_negative CHECK (max_credits >= 0),
    used bigint NOT NULL DEFAULT 0 CONSTRAINT batch_used_not_negative CHECK (used >= 0),
    reserved bigint NOT NULL DEFAULT 0 CONSTRAINT batch_reserved_not_negative CHECK (reserved >= 0),
    max_attempts integer NOT NULL DEFAULT 3 CONSTRAINT max_attempts_positive CHECK (max_attempts >= 1),
    on_ambiguous text NOT NULL DEFAULT 'evidence' CONSTRAINT on_ambiguous_known CHECK (on_ambiguous IN ('evidence', 'retry', 'hold', 'fail')),
    created_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    submitted_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    UNIQUE (tenant_id, out)
) WITH (fillfactor = 50);
CREATE INDEX batches_open ON meshmill.batches (tenant_id, id) WHERE state = 'open';
COMMENT ON TABLE meshmill.batches IS 'What one tenant wants in one output folder. Submitting again continues it.';
COMMENT ON INDEX meshmill.batches_open IS 'Claim: the lanes in which to look for queued jobs.';
COMMENT ON COLUMN meshmill.batches.id IS 'Ours.';
COMMENT ON COLUMN meshmill.batches.state IS 'See the type batch_state.';
COMMENT ON COLUMN meshmill.batches.tenant_id IS 'Who asked.';
COMMENT ON COLUMN meshmill.batches.out IS 'Absolute path of the output folder.';
COMMENT ON COLUMN meshmill.batches.max_credits IS 'Cap of credits for the batch (--max-credits). NULL: none.';
COMMENT ON COLUMN meshmill.batches.used IS 'Credits charged; the fold of the ledger.';
COMMENT ON COLUMN meshmill.batches.reserved IS 'Credits reserved by attempts that are not settled; the fold of the ledger.';
COMMENT ON COLUMN meshmill.batches.max_attempts IS 'How often a job of it may fail by its own fault before it is failed for good.';
COMMENT ON COLUMN meshmill.batches.on_ambiguous IS 'What happens to a job whose POST may have been counted though its answer never came: evidence, retry, hold or fail.';
COMMENT ON COLUMN meshmill.batches.created_at IS 'When it was first submitted.';
COMMENT ON COLUMN meshmill.batches.submitted_at IS 'When it was last submitted to.';

-- ---------------------------------------------------------------------------------------------- the work

CREATE TABLE meshmill.workers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    lease_until timestamptz NOT NULL,
    unbroken_since timestamptz NOT NULL,
    stopped_at timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE meshmill.workers IS 'One row for each start of a worker; its heartbeat renews one lease for all its jobs.';
COMMENT ON COLUMN meshmill.workers.id IS 'Random at each start, so that a dead worker''s jobs are never taken for a living one''s.';
COMMENT ON COLUMN meshmill.workers.name IS 'Host and process id, for people only.';
COMMENT ON COLUMN meshmill.workers.version IS 'Version of its binary.';
COMMENT ON COLUMN meshmill.workers.started_at IS 'When it started.';
COMMENT ON COLUMN meshmill.workers.lease_until IS 'Until then its jobs are its own; afterwards others adopt them.';
COMMENT ON COLUMN meshmill.workers.unbroken_since IS 'Since when it has renewed its lease without a gap; it adopts only after one full lease of that.';
COMMENT ON COLUMN meshmill.workers.stopped_at IS 'When it ended in order. NULL: it runs, or it died.';

CREATE TABLE meshmill.inputs (
    source_sha256 bytea PRIMARY KEY,
    input_sha256 bytea NOT NULL,
    format text NOT NULL CONSTRAINT input_format_known CHECK (format IN ('png', 'jpeg', 'webp')),
    bytes integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT meshmill.clock()
);
COMMENT ON TABLE meshmill.inputs IS 'Images that were prepared before: the hash of the file as found, and of what is submitted in its place.';
COMMENT ON COLUMN meshmill.inputs.source_sha256 IS 'SHA-256 of the file as it lay on disk.';
COMMENT ON COLUMN meshmill.inputs.input_sha256 IS 'SHA-256 of the prepared image; its name in the artifact store.';
COMMENT ON COLUMN meshmill.inputs.format IS 'Format of the prepared image.';
COMMENT ON COLUMN meshmill.inputs.bytes IS 'Size of the prepared image.';
COMMENT ON COLUMN meshmill.inputs.width IS 'Width of the prepared image in pixels.';
COMMENT ON COLUMN meshmill.inputs.height IS 'Height of the prepared image in pixels.';
COMMENT ON COLUMN meshmill.inputs.created_at IS 'When it was first prepared.';

CREATE TABLE meshmill.jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state meshmill.job_state NOT NULL DEFAULT 'queued',
    batch_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    attempt_id bigint,
    worker_id uuid,
    lease_epoch bigint NOT NULL DEFAULT 0,
    priority smallint NOT NULL DEFAULT 0,
    attempts smallint NOT NULL DEFAULT 0,
    failures smallint NOT NULL DEFAULT 0,
    provider_failures smallint NOT NULL DEFAULT 0,
    unknowns smallint NOT NULL DEFAULT 0,
    crash_count smallint NOT NULL DEFAULT 0,
    run_at timestamptz,
    fingerprint uuid NOT NULL,
    input_sha256 bytea NOT NULL,
    input_format text NOT NULL,
    mode text,
    seed bigint,
    decimation_target integer,
    texture_size integer,
    prompt text,
    error_code text,
    error text,
    glb_sha256 bytea,
    glb_bytes bigint,
    submitted_at timestamptz NOT NULL DEFAULT meshmill.clock(),
    completed_at timestamptz,
    CONSTRAINT completed_has_sha256 CHECK (state <> 'completed' OR (glb_sha256 IS NOT NULL AND completed_at IS NOT NULL)),
    CONSTRAINT scheduled_has_run_at CHECK (state <> 'scheduled' OR run_at IS NOT NULL),
    CONSTRAINT in_flight_has_worker_and_attempt CHECK (
        state NOT IN ('submitting', 'generating', 'downloading') OR (worker_id IS NOT NULL AND attempt_id IS NOT NULL)),
    CONSTRAINT held_has_reason CHECK (state <> 'held' OR error_code IS NOT NULL)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
CREATE UNIQUE INDEX jobs_fingerprint ON meshmill.jobs (batch_id, fingerprint);
CREATE INDEX jobs_queued ON meshmill.jobs (batch_id, priority DESC, id) WHERE state = 'queued';
CREATE INDEX jobs_scheduled ON meshmill.jobs (run_at, id) WHERE state = 'scheduled';
CREATE INDEX jobs_active ON meshmill.jobs (batch_id, state, worker_id, id)
    WHERE state IN ('scheduled', 'submitting', 'generating', 'downloading');
CREATE INDEX jobs_ended ON meshmill.jobs (batch_id, state, id) WHERE state IN ('completed', 'failed', 'cancelled', 'held');
COMMENT ON TABLE meshmill.jobs IS 'One image and its parameters, to become one GLB.';
COMMENT ON INDEX meshmill.jobs_fingerprint IS 'Submit: equal image and parameters in a batch are one job.';
COMMENT ON INDEX meshmill.jobs_queued IS 'Claim: the next jobs of a batch. Only queued jobs are in it.';
COMMENT ON INDEX meshmill.jobs_scheduled IS 'Housekeeping: jobs whose time has come.';
COMMENT ON INDEX meshmill.jobs_active IS 'Counts by batch, and adoption: jobs of a worker whose lease ran out.';
COMMENT ON INDEX meshmill.jobs_ended IS 'Counts and lists of ended jobs by batch.';
COMMENT ON COLUMN meshmill.jobs.id IS 'Ours; ascending with age.';
COMMENT ON COLUMN meshmill.jobs.state IS 'See the type job_state.';
COMMENT ON COLUMN meshmill.jobs.batch_id IS 'The batch it belongs to.';
COMMENT ON COLUMN meshmill.jobs.tenant_id IS 'The batch''s tenant.';
COMMENT ON COLUMN meshmill.jobs.attempt_id IS 'Its newest attempt. NULL: never claimed.';
COMMENT ON COLUMN meshmill.jobs.worker_id IS 'The worker whose lease it runs under; of the last one when it is not in flight.';
COMMENT ON COLUMN meshmill.jobs.lease_epoch IS 'Grows with each change of hands; every write that moves the job must carry the present one.';
COMMENT ON COLUMN meshmill.jobs.priority IS 'Higher goes first inside its tenant.';
COMMENT ON COLUMN meshmill.jobs.attempts IS 'POSTs sent for it since it was last queued by a person.';
COMMENT ON COLUMN meshmill.jobs.failures IS 'Failures by its own fault; max_attempts of the batch fail it.';
COMMENT ON COLUMN meshmill.jobs.provider_failures IS 'Failures of the provider (503 and the like); capped apart.';
COMMENT ON COLUMN meshmill.jobs.unknowns IS 'Attempts whose answer never came; the second lost answer, or the third lost worker, holds the job.';
COMMENT ON COLUMN meshmill.jobs.crash_count IS 'Workers that died while they read the job''s own bytes; the third holds it.';
COMMENT ON COLUMN meshmill.jobs.run_at IS 'When a scheduled job is queued again. NULL: never scheduled.';
COMMENT ON COLUMN meshmill.jobs.fingerprint IS 'First 16 bytes of the SHA-256 over the prepared image and the parameters.';
COMMENT ON COLUMN meshmill.jobs.input_sha256 IS 'SHA-256 of the prepared image; its name in the artifact store.';
COMMENT ON COLUMN meshmill.jobs.input_format IS 'png, jpeg or webp.';
COMMENT ON COLUMN meshmill.jobs.mode IS 'fast, standard or detailed. NULL: the provider''s default.';
COMMENT ON COLUMN meshmill.jobs.seed IS 'NULL: the provider''s default.';
COMMENT ON COLUMN meshmill.jobs.decimation_target IS 'Wanted triangles. NULL: the provider''s default.';
COMMENT ON COLUMN meshmill.jobs.texture_size IS 'Wanted texture size in pixels. NULL: the provider''s default.';
COMMENT ON COLUMN meshmill.jobs.prompt IS 'Text that guides the mesh. NULL: none.';
COMMENT ON COLUMN meshmill.jobs.error_code IS 'Why it failed, is held or waits; stable words. NULL: nothing to say.';
COMMENT ON COLUMN meshmill.jobs.error IS 'The same for people, cleaned of control characters.';
COMMENT ON COLUMN meshmill.jobs.glb_sha256 IS 'SHA-256 of the verified GLB on disk.';
COMMENT ON COLUMN meshmill.jobs.glb_bytes IS 'Its size.';
COMMENT ON COLUMN meshmill.jobs.submitted_at IS 'When it was submitted.';
COMMENT ON COLUMN meshmill.jobs.completed_at IS 'When it ended, in whatever way. NULL: it has not.';

CREATE TABLE meshmill.outputs (
    batch_id bigint NOT NULL,
    output text NOT NULL,
    job_id bigint NOT NULL,
    source text NOT NULL,
    custom_id text,
    published_at timestamptz,
    PRIMARY KEY (batch_id, output)
);
CREATE INDEX outputs_unpublished ON meshmill.outputs (batch_id, job_id) WHERE published_at IS NULL;
CREATE INDEX outputs_job ON meshmill.outputs (job_id);
COMMENT ON TABLE meshmill.outputs IS 'Where a job''s GLB goes: one row for each source path, so equal images share a job and each still gets its file.';
COMMENT ON INDEX meshmill.outputs_job IS 'Download and lists: the outputs of a job.';
COMMENT ON INDEX meshmill.outputs_unpublished IS 'End of a batch: outputs of completed jobs that still want their link.';
COMMENT ON COLUMN meshmill.outputs.published_at IS 'When the GLB stood at this path. NULL: not yet.';
COMMENT ON COLUMN meshmill.outputs.batch_id IS 'The batch.';
COMMENT ON COLUMN meshmill.outputs.output IS 'Path of the GLB below the batch''s out folder.';
COMMENT ON COLUMN meshmill.outputs.job_id IS 'The job that makes it.';
COMMENT ON COLUMN meshmill.outputs.source IS 'Absolute path of the image.';
COMMENT ON COLUMN meshmill.outputs.custom_id IS 'The manifest''s custom_id. NULL: none.';

CREATE TABLE meshmill.attempts (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    state meshmill.attempt_state NOT NULL DEFAULT 'submitting',
    job_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    key_id bigint NOT NULL,
    org_id bigint NOT NULL,
    slot integer NOT NULL,
    worker_id uuid NOT NULL,
    lease_epoch bigint NOT NULL,
    probe boolean NOT NULL DEFAULT false,
    claimed_at timestamptz NOT NULL,
    counted_by timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    generation_id text,
    expires_at timestamptz,
    http_status smallint,
    error_code text,
    error text,
    reserved boolean NOT NULL DEFAULT true,
    credits integer NOT NULL DEFAULT 0,
    refund_unconfirmed boolean NOT NULL DEFAULT false,
    paid_twice boolean NOT NULL DEFAULT false,
    credits_remaining bigint,
    key_monthly_used bigint,
    key_monthly_limit bigint,
    CONSTRAINT generating_has_generation_id CHECK (state NOT IN ('generating', 'completed') OR generation_id IS NOT NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX one_live_attempt_a_job ON meshmill.attempts (job_id) WHERE state IN ('submitting', 'generating');
CREATE UNIQUE INDEX one_post_in_flight_a_key ON meshmill.attempts (key_id) WHERE state = 'submitting';
CREATE INDEX attempts_job ON meshmill.attempts (job_id, id);
CREATE INDEX attempts_in_doubt ON meshmill.attempts (claimed_at, id) WHERE state IN ('unknown', 'refused') AND reserved;
COMMENT ON TABLE meshmill.attempts IS 'One POST for a job: written before it is sent, settled by its answer.';
COMMENT ON INDEX meshmill.one_live_attempt_a_job IS 'Guard: a job is never generated twice at once.';
COMMENT ON INDEX meshmill.one_post_in_flight_a_key IS 'Guard: one POST in flight a key, so that the provider''s counters can be read.';
COMMENT ON INDEX meshmill.attempts_job IS 'Lists: the attempts of a job.';
COMMENT ON INDEX meshmill.attempts_in_doubt IS 'Reconciliation: attempts whose credit is in doubt.';
COMMENT ON COLUMN meshmill.attempts.id IS 'Ours.';
COMMENT ON COLUMN meshmill.attempts.state IS 'See the type attempt_state.';
COMMENT ON COLUMN meshmill.attempts.job_id IS 'For which job.';
COMMENT ON COLUMN meshmill.attempts.batch_id IS 'The job''s batch.';
COMMENT ON COLUMN meshmill.attempts.tenant_id IS 'The job''s tenant.';
COMMENT ON COLUMN meshmill.attempts.key_id IS 'With which key.';
COMMENT ON COLUMN meshmill.attempts.org_id IS 'The key''s org at that time.';
COMMENT ON COLUMN meshmill.attempts.slot IS 'Which slot of the key.';
COMMENT ON COLUMN meshmill.attempts.worker_id IS 'Which worker claimed it.';
COMMENT ON COLUMN meshmill.attempts.lease_epoch IS 'The job''s epoch at the claim.';
COMMENT ON COLUMN meshmill.attempts.probe IS 'True: sent to see whether the provider, the key or the org works again.';
COMMENT ON COLUMN meshmill.attempts.claimed_at IS 'When the slot was taken, before the POST.';
COMMENT ON COLUMN meshmill.attempts.counted_by IS 'Claim + request deadline + grace: later than any instant at which the provider may count it.';
COMMENT ON COLUMN meshmill.attempts.answered_at IS 'When its answer was recorded. NULL: none came.';
COMMENT ON COLUMN meshmill.attempts.ended_at IS 'When it was over: refused, failed, completed. NULL: it is not.';
COMMENT ON COLUMN meshmill.attempts.generation_id IS 'The provider''s id. NULL: not accepted, or not known.';
COMMENT ON COLUMN meshmill.attempts.expires_at IS 'When the provider drops the finished GLB. NULL: not finished.';
COMMENT ON COLUMN meshmill.attempts.http_status IS 'Status of the answer to the POST. NULL: none.';
COMMENT ON COLUMN meshmill.attempts.error_code IS 'The provider''s code, or our word for what went wrong.';
COMMENT ON COLUMN meshmill.attempts.error IS 'The same for people, cleaned of control characters.';
COMMENT ON COLUMN meshmill.attempts.reserved IS 'True while its reserve is open: neither charged nor released. With state unknown: in doubt.';
COMMENT ON COLUMN meshmill.attempts.credits IS 'Credits charged, less what was refunded.';
COMMENT ON COLUMN meshmill.attempts.refund_unconfirmed IS 'True: it failed at the provider, and the answer did not say that the credit came back.';
COMMENT ON COLUMN meshmill.attempts.paid_twice IS 'True: the job was sent again though this attempt may have been charged, or its id came too late.';
COMMENT ON COLUMN meshmill.attempts.credits_remaining IS 'What the answer said the org has left. NULL: not said.';
COMMENT ON COLUMN meshmill.attempts.key_monthly_used IS 'What the answer said of the key''s month. NULL: no monthly limit at the provider.';
COMMENT ON COLUMN meshmill.attempts.key_monthly_limit IS 'The key''s monthly limit at the provider. NULL: none.';

CREATE TABLE meshmill.ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind meshmill.ledger_kind NOT NULL,
    attempt_id bigint,
    observation_id uuid UNIQUE,
    amount bigint NOT NULL,
    key_id bigint,
    org_id bigint NOT NULL,
    tenant_id bigint,
    batch_id bigint,
    period date NOT NULL,
    at timestamptz NOT NULL DEFAULT meshmill.clock(),
    CONSTRAINT once_per_attempt UNIQUE (attempt_id, kind),
    CONSTRAINT attempt_or_observation CHECK ((attempt_id IS NULL) = (kind IN ('adjust', 'external'))),
    CONSTRAINT observation_has_id CHECK (attempt_id IS NOT NULL OR observation_id IS NOT NULL)
);
COMMENT ON TABLE meshmill.ledger IS 'Every movement of credits, append-only. Used = charge - refund; reserved = reserve - charge''s reserve - release.';
COMMENT ON COLUMN meshmill.ledger.id IS 'Ours.';
COMMENT ON COLUMN meshmill.ledger.kind IS 'See the type ledger_kind.';
COMMENT ON COLUMN meshmill.ledger.attempt_id IS 'The attempt it hangs on; at most one entry of each kind. NULL for adjust and external.';
COMMENT ON COLUMN meshmill.ledger.observation_id IS 'Makes entries without an attempt idempotent. NULL with an attempt.';
COMMENT ON COLUMN meshmill.ledger.amount IS 'Credits, positive; adjust may be negative.';
COMMENT ON COLUMN meshmill.ledger.key_id IS 'The key.';
COMMENT ON COLUMN meshmill.ledger.org_id IS 'The org.';
COMMENT ON COLUMN meshmill.ledger.tenant_id IS 'The tenant. NULL: nobody of ours.';
COMMENT ON COLUMN meshmill.ledger.batch_id IS 'The batch. NULL: none of ours.';
COMMENT ON COLUMN meshmill.ledger.period IS 'The month, by its first day in UTC, that it counts in.';
COMMENT ON COLUMN meshmill.ledger.at IS 'When it was written.';

CREATE FUNCTION meshmill.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: correct it with a new entry' USING ERRCODE = 'integrity_constraint_violation';
END $$;
COMMENT ON FUNCTION meshmill.refuse_change() IS 'Trigger: keeps the ledger append-only.';
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON meshmill.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION meshmill.refuse_change();
