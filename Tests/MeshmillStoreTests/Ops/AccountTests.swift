import MeshmillStore
import PostgresClient
import Testing

@Suite("Tenants, orgs and pools")
struct AccountTests {
    @Test("are added, changed and paused, each in the audit log, and a change is taken back")
    func changes() async throws {
        try await StoreTestDatabase.with { database async throws in
            let client = database.client
            _ = try await client.query(AddAccount(.pool, name: "film"))
            _ = try await client.query(AddAccount(.org, name: "studio"))
            var settings = AccountChanges()
            settings.pool = "film"
            settings.weight = 2.5
            settings.monthlyBudget = .number(100)
            _ = try await client.query(try AddTenant("anna", settings, reason: "new"))
            var changes = AccountChanges()
            changes.monthlyBudget = AccountChanges.Bound.none
            changes.weight = 3
            let set = try #require(try await client.query(try ChangeAccount(.tenant, name: "anna", changes)).first)
            for account in Account.allCases {
                let name = ["tenant": "anna", "org": "studio", "pool": "film"][account.rawValue] ?? ""
                let pause = SetAccountPaused(account, name: name, isPaused: true)
                let id = try #require(try await client.query(pause).first)
                _ = try await client.query(Undo(auditID: id))
            }
            let tenant = try #require(try await client.query(ListTenants()).first { $0.name == "anna" })
            #expect(tenant.pool == "film" && tenant.weight == 3 && tenant.monthlyBudget == nil)
            #expect(tenant.status == "active")
            _ = try await client.query(Undo(auditID: set))
            #expect(try await client.query(ListTenants()).first { $0.name == "anna" }?.monthlyBudget == 100)
            #expect(try await client.query(ListPools()).map(\.name) == ["default", "film"])
            #expect(try await client.query(ListOrgs()).map(\.status) == ["active"])
            let log = try await database.sql("SELECT what, subject FROM ops.audit_log ORDER BY audit_id LIMIT 5")
            #expect(
                log == [
                    "add_pool|pool film", "add_org|org studio", "add_tenant|tenant anna", "set_tenant|tenant anna",
                    "pause_tenant|tenant anna",
                ]
            )
        }
    }

    @Test("refuse names that are taken, empty or not there, and an undo of what was changed since")
    func refuses() async throws {
        try await StoreTestDatabase.with { database async throws in
            let client = database.client
            for statement in [AddAccount(.pool, name: "default"), AddAccount(.org, name: " ")] {
                await #expect(throws: PostgresError.self) { try await client.query(statement) }
            }
            await #expect(throws: PostgresError.self) {
                try await client.query(SetAccountPaused(.tenant, name: "no", isPaused: true))
            }
            var changes = AccountChanges()
            changes.weight = 2
            let id = try #require(try await client.query(try ChangeAccount(.tenant, name: "default", changes)).first)
            changes.weight = 4
            _ = try await client.query(try ChangeAccount(.tenant, name: "default", changes))
            let error = await #expect(throws: PostgresError.self) { try await client.query(Undo(auditID: id)) }
            #expect(error?.description.contains("weight of tenant default has been changed since: it is 4 now") == true)
        }
    }

    @Test("a pool's key policy is set, taken back, and given to new pools by the setting for all")
    func keyPolicies() async throws {
        try await StoreTestDatabase.with { database async throws in
            let policies = "SELECT string_agg(name || ' ' || key_policy, ', ' ORDER BY id) FROM meshmill.pools"
            let id = try await database.sql(#"SELECT ops.set_pool('default', '{"key_policy": "even"}', 'test')"#)
            #expect(try await database.sql(policies) == ["default even"])
            try await database.sql("SELECT ops.undo(\(id[0]))")
            #expect(try await database.sql(policies) == ["default largest-remaining"])
            let error = await #expect(throws: PostgresError.self) {
                try await database.sql(#"SELECT ops.set_pool('default', '{"key_policy": "random"}')"#)
            }
            #expect(error?.sqlState == .checkViolation)
            try await database.sql("SELECT meshmill.set_setting('key_policy', 'fill-first', NULL)")
            _ = try await database.client.query(AddAccount(.pool, name: "film"))
            #expect(try await database.sql(policies) == ["default fill-first, film fill-first"])
        }
    }

    @Test("a tenant's bound refuses jobs beyond it as a whole, and lets them in when others have run")
    func boundsQueues() async throws {
        try await StoreTestDatabase.with { database async throws in
            let batch = try await database.openBatch()
            var changes = AccountChanges()
            changes.maxQueued = .number(3)
            _ = try await database.client.query(try ChangeAccount(.tenant, name: "default", changes))
            #expect(try await database.add([1, 2], to: batch).count == 2)
            let error = await #expect(throws: PostgresError.self) { try await database.add([3, 4], to: batch) }
            #expect(error?.description.contains("tenant default may have 3 jobs waiting at once") == true)
            #expect(try await database.sql("SELECT count(*) FROM meshmill.jobs") == ["2"])
            #expect(try await database.add([3], to: batch).count == 1)
            // What is there already takes no place.
            #expect(try await database.add([1, 2, 3], to: batch).allSatisfy { $0.hasPrefix("existing") })
            try await database.sql("UPDATE meshmill.jobs SET state = 'cancelled', completed_at = now() WHERE id = 1")
            #expect(try await database.add([4], to: batch).count == 1)
        }
    }
}
