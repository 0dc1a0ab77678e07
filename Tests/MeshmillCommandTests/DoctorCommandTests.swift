import Testing

@testable import meshmill

@Suite("What doctor finds")
struct DoctorCommandTests {
    /// The findings of a name, as `level: text → cure`.
    private func findings(_ name: String, _ place: Workplace) async throws -> [String] {
        let result = try await place.run("doctor", "--json")
        let list = JSON.object(result.output)["findings"] as? [[String: Any]]
        return try #require(list, "\(result.messages)").filter { $0["name"] as? String == name }.map { finding in
            let cure = (finding["cure"] as? String).map { " → \($0)" } ?? ""
            return "\(finding["level"] as? String ?? ""): \(finding["text"] as? String ?? "")\(cure)"
        }
    }

    private static let keys = """
        INSERT INTO meshmill.orgs (name, credits_remaining, credits_reported) VALUES ('a', 9, 9), ('b', 9, 9), ('c', 1, 1);
        INSERT INTO meshmill.keys (name, org_id, pool_id, provider_monthly_used, monthly_used)
        SELECT 'key-' || o.name, o.id, 1, 7, 4 FROM meshmill.orgs AS o
        """

    @Test("names the window model in force, why it is, and what each hypothesis says")
    func windowModel() async throws {
        try await Workplace.with { place async throws in
            #expect(
                try await findings("window model", place) == [
                    "ok: slots, learned; 0 of 0 429s are not explained by our own log"
                ]
            )
            try await place.sql(Self.keys)
            try await place.sql(
                """
                INSERT INTO meshmill.rate_limit_answers (at, key_id, attempt_id, window_model, rate_limit, rate_window,
                    margin, retry_after, own_posts, own_posts_of_two, matches_own_post, verdict)
                SELECT now() + g * interval '1 s', 1 + g % 2, g, 'slots', 5, '15 min', '3 s', 120, 4, 9, g = 1,
                    'unexplained'
                FROM generate_series(1, 4) AS g;
                UPDATE meshmill.window_profile SET learned = 'paced', reason = '4 unexplained 429s on 2 keys';
                UPDATE meshmill.server_seen SET changed_at = now(), change = 'the database was restored'
                """
            )
            let learned = try await findings("window model", place)
            #expect(
                learned.first?.hasPrefix(
                    "warning: paced, learned because of: 4 unexplained 429s on 2 keys; 4 of 4 429s are not explained "
                        + "by our own log; they look like a log of requests that others share 25 %, fixed windows "
                ) == true && learned.first?.contains("spaced requests 100 %") == true,
                "\(learned)"
            )
            #expect(learned.first?.contains("meshmill settings set window_model auto") == true)
            #expect(try await findings("restore", place).first?.contains("the database was restored") == true)
        }
    }

    @Test("tells of credits that others spent, with what to do about it")
    func drift() async throws {
        try await Workplace.with { place async throws in
            #expect(try await findings("credits", place).first?.hasPrefix("ok: ") == true)
            try await place.sql(Self.keys)
            try await place.sql(
                """
                INSERT INTO meshmill.drifts (org_id, key_id, amount, found)
                SELECT k.org_id, k.id, 3, 3 FROM meshmill.keys AS k WHERE k.name = 'key-a'
                """
            )
            let found = try await findings("credits", place)
            #expect(
                found.count == 1 && found[0].hasPrefix("warning: 3 credits of key key-a were spent since ")
                    && found[0].contains("→ somebody else uses this key: leave slots for them"),
                "\(found)"
            )
        }
    }

    @Test("proposes orgs that look like one account, and merges none")
    func orgs() async throws {
        try await Workplace.with { place async throws in
            try await place.sql(Self.keys)
            // a and b count down together, c by itself.
            try await place.sql(
                """
                INSERT INTO meshmill.drifts (org_id, amount, found) SELECT o.id, 5, 5 FROM meshmill.orgs AS o;
                INSERT INTO meshmill.attempts (id, state, job_id, batch_id, tenant_id, key_id, org_id, slot, worker_id,
                    lease_epoch, claimed_at, counted_by, answered_at, generation_id, reserved, credits, credits_remaining)
                SELECT g, 'completed', g, 1, 1, 1 + g % 3, k.org_id, 0, gen_random_uuid(), 1, now(), now(),
                    now() - interval '1 min' + g * interval '1 s', g::text, false, 1,
                    CASE WHEN k.name = 'key-c' THEN 900 - g / 3 ELSE 100 - (2 * g + 2) / 3 END
                FROM generate_series(1, 30) AS g JOIN meshmill.keys AS k ON k.id = 1 + g % 3;
                INSERT INTO meshmill.ledger (kind, attempt_id, amount, key_id, org_id, tenant_id, batch_id, period)
                SELECT 'charge', a.id, 1, a.key_id, a.org_id, 1, 1, now()::date FROM meshmill.attempts AS a
                """
            )
            let found = try await findings("orgs", place)
            #expect(
                found.count == 1 && found[0].hasPrefix("warning: orgs a, b look like one account")
                    && found[0].contains("meshmill keys set KEY --org a"),
                "\(found)"
            )
            #expect(try await place.sql("SELECT count(DISTINCT org_id) FROM meshmill.keys") == ["3"])
        }
    }

    @Test("names the session that others wait for, and how to end it")
    func locks() async throws {
        try await Workplace.with { place async throws in
            // A table that doctor itself does not read.
            async let holder = place.sql(
                """
                SET application_name = 'holder'; BEGIN; LOCK TABLE meshmill.inputs IN ACCESS EXCLUSIVE MODE;
                SELECT pg_sleep_for('1 min'); COMMIT
                """
            )
            let holds = "SELECT pid FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'"
            while try await place.sql(holds).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            async let waiter = place.sql("SET application_name = 'waiter'; SELECT count(*) FROM meshmill.inputs")
            let waits =
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'waiter' AND wait_event_type = 'Lock'"
            while try await place.sql(waits).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            let found = try await findings("locks", place)
            try await place.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'"
            )
            _ = try? await holder
            _ = try await waiter
            #expect(
                found.contains {
                    $0.contains("holder") && $0.contains("blocks 1") && $0.contains("pg_terminate_backend(")
                },
                "\(found)"
            )
        }
    }

    @Test("knows weak encryption of a database elsewhere from good one")
    func encryption() {
        func level(_ version: String?, _ oldest: String = "TLSv1.2", isVerified: Bool = true) -> Finding.Level {
            let finding = Doctor.encryption(version: version, oldest: oldest, isVerified: isVerified)
            #expect((finding.cure == nil) == (finding.level == .ok))
            return finding.level
        }
        #expect(level(nil) == .problem)
        #expect(level("TLSv1") == .problem && level("TLSv1.1") == .problem)
        #expect(level("TLSv1.3", isVerified: false) == .warning)
        #expect(level("TLSv1.3", "TLSv1") == .warning && level("TLSv1.2", "") == .warning)
        #expect(level("TLSv1.2") == .ok && level("TLSv1.3", "TLSv1.3") == .ok)
    }

    @Test("joins pairs of orgs to groups, in the order in which they come")
    func groups() {
        #expect(OrgGroups.joined([]) == [])
        #expect(OrgGroups.joined([("a", "b"), ("c", "d"), ("b", "c")]) == [["a", "b", "c", "d"]])
        #expect(OrgGroups.joined([("a", "b"), ("x", "y")]) == [["a", "b"], ["x", "y"]])
    }
}
