import Testing

@Suite("Commands of operators and admins")
struct OperatorCommandTests {
    private let keys = """
        secret,name,org,monthly_limit
        sk_1,one,studio,100
        sk_2,two,studio,50
        """

    @Test("moves quota with a before-and-after table, an id to take it back, and a rehearsal that changes nothing")
    func movesQuota() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: keys)
            let rehearsal = try await place.run("keys", "move-quota", "one", "two", "30", "--dry-run")
            #expect(
                rehearsal.lines.contains { $0.split(separator: " ") == ["one", "0", "100", "70", "-30"] },
                "\(rehearsal)"
            )
            #expect(try await place.sql("SELECT our_monthly_limit FROM ops.keys ORDER BY key") == ["100", "50"])
            let moved = try await place.run("keys", "move-quota", "one", "two", "30", "--reason", "film", "--json")
            let id = try #require(JSON.object(moved.output)["audit_id"] as? Int)
            #expect(try await place.sql("SELECT our_monthly_limit FROM ops.keys ORDER BY key") == ["70", "80"])
            let log = try await place.run("log", "--json")
            let entry = try #require(JSON.objects(log.output).first)
            #expect(entry["what"] as? String == "move_quota" && entry["actor"] as? String == "tester")
            #expect((entry["after"] as? [String: Int]) == ["one": 70, "two": 80])
            let undone = try await place.run("undo", "\(id)")
            #expect(undone.status == 0 && undone.output.hasPrefix("\(id) taken back, by "), "\(undone.messages)")
            #expect(try await place.sql("SELECT our_monthly_limit FROM ops.keys ORDER BY key") == ["100", "50"])
            let again = try await place.run("undo", "\(id)")
            #expect(again.status == 64 && again.messages.contains("was taken back already"))
            let tooMuch = try await place.run("keys", "move-quota", "one", "two", "101")
            #expect(tooMuch.status == 64 && tooMuch.onlyMessage?.contains("can give 100 credits at most") == true)
        }
    }

    @Test("shares quotas out anew when told yes, and only shows it before")
    func rebalances() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: keys)
            let asked = try await place.run("keys", "rebalance", "--org", "studio")
            #expect(asked.status == 64 && asked.messages.contains("2 keys? Say --yes"))
            let rehearsal = try await place.run("keys", "rebalance", "--org", "studio", "--dry-run")
            #expect(
                rehearsal.status == 0 && rehearsal.lines.last?.split(separator: " ") == ["sum", "0", "150", "150", "0"]
            )
            #expect(try await place.sql("SELECT our_monthly_limit FROM ops.keys ORDER BY key") == ["100", "50"])
            let done = try await place.run("keys", "rebalance", "--org", "studio", "--total", "151", "--yes")
            #expect(done.status == 0 && done.messages.contains("meshmill undo"), "\(done.messages)")
            #expect(try await place.sql("SELECT our_monthly_limit FROM ops.keys ORDER BY key") == ["76", "75"])
        }
    }

    @Test("adds, shows, changes, pauses and resumes tenants, pools and orgs")
    func accounts() async throws {
        try await Workplace.with { place async throws in
            #expect(try await place.run("pools", "add", "film").output == "pool film added\n")
            #expect(try await place.run("orgs", "add", "studio").output == "org studio added\n")
            let added = try await place.run(
                "tenants",
                "add",
                "anna",
                "--pool",
                "film",
                "--weight",
                "2",
                "--max-queued",
                "9"
            )
            #expect(added.output == "tenant anna added\n", "\(added.messages)")
            #expect(
                try await place.run("tenants", "set", "anna", "--max-queued", "none", "--weight", "2.5").status == 0
            )
            let shown = JSON.object(try await place.run("tenants", "show", "anna", "--json").output)
            #expect(shown["weight"] as? Double == 2.5 && shown["pool"] as? String == "film")
            for kind in [("tenants", "tenant anna"), ("pools", "pool film"), ("orgs", "org studio")] {
                let name = String(kind.1.split(separator: " ")[1])
                #expect(
                    try await place.run(kind.0, "pause", name, "--reason", "look").output == "\(kind.1) is paused\n"
                )
                #expect(
                    try await place.run(kind.0, "list").lines.contains { $0.contains(name) && $0.contains("paused") }
                )
                #expect(try await place.run(kind.0, "resume", name).output == "\(kind.1) is active\n")
                let missing = try await place.run(kind.0, "show", "no")
                #expect(missing.status == 64 && missing.onlyMessage?.contains("meshmill \(kind.0) list") == true)
            }
        }
    }

    @Test("acts on what a filter matches: counts and shows first, asks, then changes exactly those")
    func actsInBulk() async throws {
        try await Workplace.with { place async throws in
            try await place.sql(
                """
                INSERT INTO meshmill.batches (tenant_id, out) VALUES (1, '/o');
                INSERT INTO meshmill.jobs (batch_id, tenant_id, fingerprint, input_sha256, input_format, state,
                    error_code, completed_at)
                SELECT 1, 1, gen_random_uuid(), '\\x01', 'png', CASE WHEN g <= 2500 THEN 'failed' ELSE 'queued'
                    END::meshmill.job_state, CASE WHEN g <= 2500 THEN 'x' END, CASE WHEN g <= 2500 THEN now() END
                FROM generate_series(1, 2600) AS g;
                INSERT INTO meshmill.outputs (batch_id, output, job_id, source)
                SELECT 1, g || '.glb', g, '/in/' || g || '.png' FROM generate_series(1, 2600) AS g
                """
            )
            let rehearsal = try await place.run("jobs", "retry", "--error-code", "x", "--dry-run")
            #expect(rehearsal.output == "would retry 2500 jobs: 2500 failed\n")
            #expect(
                rehearsal.messages.contains("job 1, failed, batch 1: /in/1.png")
                    && rehearsal.messages.contains("and 2495 more")
            )
            let asked = try await place.run("jobs", "retry", "--error-code", "x")
            #expect(asked.status == 64 && asked.messages.contains("--yes"))
            let done = try await place.run(
                "jobs",
                "retry",
                "--error-code",
                "x",
                "--yes",
                "--json",
                "--reason",
                "mended"
            )
            let result = JSON.object(done.output)
            #expect(
                result["changed"] as? Int == 2_500 && (result["failed"] as? [Any])?.isEmpty == true,
                "\(done.messages)"
            )
            #expect(try await place.sql("SELECT count(*) FROM ops.audit_log WHERE what = 'retry'") == ["3"])
            let raised = try await place.run("jobs", "set", "--source", "/in/26?0.png", "--priority", "5", "--yes")
            #expect(raised.output == "1 jobs given priority 5\n", "\(raised.messages)")
            let neither = try await place.run("jobs", "hold")
            #expect(neither.status == 64 && neither.messages.contains("give ids of jobs, or a filter"))
            let why = try await place.run("jobs", "why", "1", "--json")
            #expect(JSON.object(why.output)["reason"] as? String == "no_key", "\(why.messages)")
            #expect(try await place.run("jobs", "why", "1").output.hasPrefix("job 1 waits: pool default has no key"))
            #expect(try await place.run("jobs", "why", "9999").status == 64)
        }
    }
}
