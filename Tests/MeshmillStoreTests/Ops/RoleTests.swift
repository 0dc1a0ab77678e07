import MeshmillStore
import PostgresClient
import Testing

@Suite("Roles: who may read and call what")
struct RoleTests {
    /// A right of a role, as the catalogue tells it.
    private func names(_ sql: String, _ database: StoreTestDatabase) async throws -> Set<String> {
        Set(try await database.sql(sql))
    }

    /// What `session` may call of `ops` that changes something.
    private func callable(by role: String, _ database: StoreTestDatabase) async throws -> Set<String> {
        try await names(
            """
            SELECT DISTINCT p.proname FROM pg_proc AS p
            WHERE p.pronamespace = 'ops'::regnamespace AND p.provolatile = 'v'
              AND has_function_privilege('meshmill_\(role)', p.oid, 'EXECUTE')
            """,
            database
        )
    }

    @Test("every role reads every view, and nobody but the owner writes to one")
    func views() async throws {
        try await StoreTestDatabase.with { database async throws in
            let views = try await names(
                "SELECT relname FROM pg_class WHERE relnamespace = 'ops'::regnamespace AND relkind = 'v'",
                database
            )
            #expect(views.isSuperset(of: ["jobs", "batches", "keys", "slots", "orgs", "pools", "tenants", "workers"]))
            #expect(views.isSuperset(of: ["queue", "ledger", "why_waiting", "waiting", "autoscale", "audit_log"]))
            for role in ["viewer", "operator", "worker", "admin"] {
                for view in views {
                    let rights = try await database.sql(
                        """
                        SELECT has_table_privilege('meshmill_\(role)', 'ops.\(view)', 'SELECT'),
                            has_table_privilege('meshmill_\(role)', 'ops.\(view)', 'INSERT, UPDATE, DELETE')
                        """
                    )
                    #expect(rights == ["t|f"], "\(role) and ops.\(view)")
                    // Functions inside run with the reader's rights.
                    try await act(as: role, "SELECT * FROM ops.\(view) LIMIT 1", database)
                }
            }
        }
    }

    @Test("THREAT 11: a viewer calls nothing, an operator pauses and acts on jobs, an admin does all")
    func functions() async throws {
        try await StoreTestDatabase.with { database async throws in
            let all = try await callable(by: "owner", database)
            #expect(try await callable(by: "viewer", database) == [])
            #expect(try await callable(by: "worker", database) == [])
            #expect(try await callable(by: "admin", database) == all)
            let forOperators = try await callable(by: "operator", database)
            #expect(
                forOperators.isSuperset(of: [
                    "pause_key", "resume_key", "drain_key", "pause_tenant", "resume_tenant", "pause_org", "resume_org",
                    "pause_pool", "resume_pool", "retry", "cancel", "hold", "release", "retry_batch", "cancel_batch",
                    "hold_batch", "release_batch", "open_batch", "act_on_jobs", "set_priority", "stop_submitting",
                    "start_submitting", "preview_rebalance",
                ])
            )
            #expect(
                forOperators.isDisjoint(with: [
                    "set_key", "set_key_quota", "move_quota", "rebalance", "undo", "remove_key", "add_tenant",
                    "set_tenant", "set_tenant_weight", "add_org", "set_org", "add_pool", "set_pool", "give_jobs",
                ])
            )
        }
    }

    @Test("sealed keys are within reach of workers and admins only, and nobody else changes a row")
    func tables() async throws {
        try await StoreTestDatabase.with { database async throws in
            let tables = try await names(
                "SELECT relname FROM pg_class WHERE relnamespace = 'meshmill'::regnamespace AND relkind = 'r'",
                database
            )
            for table in tables {
                for role in ["viewer", "operator"] {
                    let rights = try await database.sql(
                        """
                        SELECT has_table_privilege('meshmill_\(role)', 'meshmill.\(table)', 'SELECT'),
                            has_table_privilege('meshmill_\(role)', 'meshmill.\(table)', 'INSERT')
                            OR has_any_column_privilege('meshmill_\(role)', 'meshmill.\(table)', 'UPDATE')
                            OR has_table_privilege('meshmill_\(role)', 'meshmill.\(table)', 'DELETE, TRUNCATE')
                        """
                    )
                    let isSecret = table.hasSuffix("_secrets") || table.hasSuffix("_tokens")
                    #expect(rights == [isSecret ? "f|f" : "t|f"], "\(role) and \(table)")
                }
            }
            let reach = try await database.sql(
                """
                SELECT r, has_any_column_privilege('meshmill_' || r, 'meshmill.key_secrets', 'SELECT')
                FROM unnest(ARRAY['viewer', 'operator', 'worker', 'admin']) AS r
                """
            )
            #expect(reach == ["viewer|f", "operator|f", "worker|t", "admin|t"])
            #expect(
                try await database.sql("SELECT rolcanlogin OR rolsuper FROM pg_roles WHERE rolname = 'meshmill_owner'")
                    == ["f"]
            )
        }
    }

    @Test("refuses in psql what a role may not do, and does what it may with the owner's rights")
    func inPsql() async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.sql(
                """
                INSERT INTO meshmill.orgs (name) VALUES ('o');
                INSERT INTO meshmill.keys (name, org_id, pool_id, monthly_limit) VALUES ('a', 1, 1, 10), ('b', 1, 1, 10);
                INSERT INTO meshmill.key_secrets (key_id, fingerprint, master_key_id, sealed) VALUES (1, 'f', 'm', '\\x01')
                """
            )
            for (role, sql) in [
                ("viewer", "SELECT sealed FROM meshmill.key_secrets"),
                ("viewer", "SELECT ops.pause_key('a')"),
                ("viewer", "SELECT meshmill.change_key('a', '{\"monthly_limit\": 5}', 'x', NULL)"),
                ("viewer", "UPDATE meshmill.keys SET monthly_limit = 1"),
                ("viewer", "UPDATE ops.audit_log SET reason = 'x'"),
                ("operator", "SELECT sealed FROM meshmill.key_secrets"),
                ("operator", "SELECT ops.move_quota('a', 'b', 1)"),
                ("operator", "SELECT ops.undo(1)"),
                ("operator", "DELETE FROM meshmill.audit_log"),
                ("worker", "UPDATE meshmill.clock_offset SET shift = interval '1 day'"),
                ("worker", "DELETE FROM meshmill.ledger"),
                ("worker", "UPDATE meshmill.audit_log SET reason = 'x'"),
            ] {
                let error = await #expect(throws: PostgresError.self, "\(role): \(sql)") {
                    try await act(as: role, sql, database)
                }
                #expect(error?.sqlState == .insufficientPrivilege, "\(role): \(sql)")
            }
            try await act(as: "operator", "SELECT ops.pause_key('a', reason => 'look')", database)
            try await act(as: "admin", "SELECT * FROM ops.move_quota('a', 'b', 1)", database)
            try await act(as: "admin", "SELECT sealed FROM meshmill.key_secrets", database)
            #expect(try await database.sql("SELECT count(*) FROM ops.audit_log WHERE who = session_user") == ["2"])
        }
    }

    @Test("a function of the caller's own does not run with the owner's rights")
    func searchPathIsPinned() async throws {
        try await StoreTestDatabase.with { database async throws in
            let loose = try await database.sql(
                """
                SELECT p.oid::regprocedure FROM pg_proc AS p
                WHERE p.prosecdef AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)
                  AND p.pronamespace IN ('ops'::regnamespace, 'meshmill'::regnamespace)
                """
            )
            #expect(loose == [])
            let invokers = try await database.sql(
                """
                SELECT p.oid::regprocedure FROM pg_proc AS p
                WHERE p.pronamespace = 'ops'::regnamespace AND p.provolatile = 'v' AND NOT p.prosecdef
                """
            )
            #expect(invokers == [])
        }
    }

    @Test("every view, column and function of ops carries a comment")
    func isAManual() async throws {
        try await StoreTestDatabase.with { database async throws in
            let bare = try await database.sql(
                """
                SELECT c.relname || '.' || a.attname FROM pg_class AS c
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE c.relnamespace = 'ops'::regnamespace AND c.relkind = 'v'
                  AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
                UNION ALL
                SELECT p.oid::regprocedure::text FROM pg_proc AS p
                WHERE p.pronamespace IN ('ops'::regnamespace, 'meshmill'::regnamespace)
                  AND obj_description(p.oid, 'pg_proc') IS NULL
                UNION ALL
                SELECT c.relname || '.' || a.attname FROM pg_class AS c
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace = 'meshmill'::regnamespace AND c.relkind = 'r'
                  AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
                """
            )
            #expect(bare == [])
        }
    }

    /// Runs a statement as a member of a role, and takes it back unless it succeeds.
    private func act(as role: String, _ sql: String, _ database: StoreTestDatabase) async throws {
        try await database.client.withTransaction { connection in
            try await connection.simpleQuery("SET LOCAL ROLE meshmill_\(role)")
            try await connection.simpleQuery(sql)
        }
    }
}
